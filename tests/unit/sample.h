/* SPDX-License-Identifier: Apache-2.0
 *
 * One valid manifest, written out by hand and not by the encoder under test; envelopes
 * around it signed with fixed keys; and a device that accepts it. */
#ifndef FERRY_TEST_SAMPLE_H
#define FERRY_TEST_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "ferry/hal.h"
#include "ferry/manifest.h"

/* ---- the manifest, pair by pair, so that tests can bend it ----------------------- */

#define SAMPLE_VERSION 0x01020003UL
#define SAMPLE_SEC_CTR 42U
#define SAMPLE_LENGTH 204800UL
#define SAMPLE_LINK 0x00041000UL

struct sample_map {
    unsigned count;
    struct {
        size_t len;
        uint8_t bytes[64];
    } pair[32];
};

/* The places of the required keys in sample_map_required(). */
enum sample_place {
    PLACE_TYPE,
    PLACE_CLASS,
    PLACE_HW_MIN,
    PLACE_HW_MAX,
    PLACE_VERSION,
    PLACE_SEC_CTR,
    PLACE_LENGTH,
    PLACE_SHA256,
    PLACE_LINK,
    PLACE_BLOCKS,
    PLACE_END
};

void sample_map_required(struct sample_map *m); /* the ten required keys */
void sample_map_all(struct sample_map *m);      /* every known key */
void sample_map_insert(struct sample_map *m, unsigned place, const void *pair,
                       size_t len);
void sample_map_drop(struct sample_map *m, unsigned place);
/* Head and pairs; returns the length. `payload` has FERRY_PAYLOAD_MAX bytes or more. */
size_t sample_map_write(const struct sample_map *m, uint8_t *payload);

/* What parsing sample_map_required() must find. */
void sample_manifest(struct ferry_manifest *m);

/* ---- the envelope ---------------------------------------------------------------- */

#define SAMPLE_SLOT 1U

struct sample {
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    size_t len; /* of the envelope, which begins behind the spare bytes */
};

uint8_t *sample_env(struct sample *s);
/* An envelope around any payload of a permitted length, signed by `slot`'s key. */
void sample_wrap(struct sample *s, const uint8_t *payload, size_t len, uint8_t slot);
void sample_sign(struct sample *s, uint8_t slot);
void sample_envelope(struct sample *s); /* around sample_map_required(), SAMPLE_SLOT */

/* Slots 0, 1, 2 and 7 hold Ed25519 keys; 3 has an algorithm and no key, 4 says ES256,
 * 5 is all zero, 6 has a key and no algorithm. A good key stands behind the last. */
const struct ferry_key *sample_keys(void);

/* The whole way of an envelope: form, signature, manifest. Works on exact copies. */
int sample_accepts(const uint8_t *env, size_t len);

/* ---- a device that wants it ------------------------------------------------------ */

void sample_identity(struct ferry_identity *id);
void sample_running(struct ferry_boot_state *now);

#endif
