/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes signed artifacts in memory, for devices of the simulation. */
#ifndef FERRY_SIM_RELEASE_H
#define FERRY_SIM_RELEASE_H

#include "ferry/hal.h"
#include "ferry/manifest.h"

/* What a release says about itself; release_default() fits world_default()'s device. */
struct release {
    uint8_t class_id[16];
    uint32_t hw_min, hw_max, version, sec_ctr, link, min_from;
    uint8_t slot;
    uint8_t signer;        /* whose key really signs: slot's, or another's */
    const uint8_t *device; /* 16 bytes or NULL */
    bool toy;              /* signed by release_toy_verify()'s rule */
    bool untrue;           /* it says another hash than its image has */
};

void release_default(struct release *r);

/* Eight slots: 0, 1 and 7 hold keys of the simulation, the rest is empty. */
void release_keys(struct ferry_key keys[FERRY_KEY_SLOTS]);

/* Length of the artifact for an image of this length with that release. */
size_t release_room(size_t image_len);

/* Envelope, block table, image. Returns the length. `image_len` is written into the
 * manifest as it is; image bytes present may be fewer (for lengths no image has). */
size_t release_make(const struct release *r, const uint8_t *image, uint32_t image_len,
                    uint8_t *artifact);

/* A signature that costs next to nothing and that anybody can make: for sweeps of what
 * else can go wrong. Behind `verify` of struct ferry_crypto. */
int release_toy_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                       const uint8_t *msg, size_t msg_len, const uint8_t sig[64]);

/* Only the envelope, around any payload. Returns its length. */
size_t release_sign(const uint8_t *payload, size_t len, uint8_t slot, uint8_t signer,
                    uint8_t *env);

/* The manifest of `r` over `image`, as a struct; strings point into `hashes`. */
struct release_hashes {
    uint8_t image[FERRY_HASH_LEN], table[FERRY_HASH_LEN];
};
void release_manifest(const struct release *r, const uint8_t *table, size_t table_len,
                      const uint8_t *image, uint32_t image_len,
                      struct release_hashes *hashes, struct ferry_manifest *m);

#endif
