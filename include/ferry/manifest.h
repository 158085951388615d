/* SPDX-License-Identifier: Apache-2.0
 *
 * The signed envelope (COSE_Sign1, RFC 9052, deterministic CBOR, RFC 8949 4.2.1, in
 * exactly one byte encoding) and the manifest inside it. Frozen for a device's life;
 * docs/PROTOCOL.md has every byte. Nothing here judges: policy.c does. */
#ifndef FERRY_MANIFEST_H
#define FERRY_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FERRY_ENVELOPE_HEAD 12U /* bytes before the payload */
#define FERRY_PAYLOAD_MIN 24U   /* what the length byte 58 LL can say */
#define FERRY_PAYLOAD_MAX 255U
#define FERRY_ENVELOPE_OVER 78U /* envelope = payload + this */
#define FERRY_ENVELOPE_MAX (FERRY_PAYLOAD_MAX + FERRY_ENVELOPE_OVER)
#define FERRY_TBS_SPARE 10U /* writable bytes wanted before the envelope */
#define FERRY_TBS_OVER 22U  /* to-be-signed bytes = payload + this */
#define FERRY_TBS_MAX (FERRY_PAYLOAD_MAX + FERRY_TBS_OVER)
#define FERRY_SIG_LEN 64U
#define FERRY_HASH_LEN 32U
#ifndef FERRY_BLOCK_LEN       /* tests that sweep whole lives make it smaller */
#define FERRY_BLOCK_LEN 4096U /* the hash unit, whatever the erase unit is */
#endif
#define FERRY_BLOCK_HASH_LEN 16U /* an entry of the block table */

/* An envelope whose constant bytes and lengths are right. Points into the bytes it
 * was opened from. Says nothing about the signature. */
struct ferry_envelope {
    const uint8_t *payload;
    const uint8_t *sig; /* FERRY_SIG_LEN bytes */
    uint16_t payload_len;
    uint8_t alg; /* enum ferry_alg as the bytes claim; the slot decides */
    uint8_t kid; /* 0..7 manifest slots; 0x80 device statements */
};

/* 0, FERRY_E_LEN or FERRY_E_FRAME. `e` is untouched on failure. */
/*@ requires \valid(e) && \valid_read(bytes + (0 .. len - 1));
  @ requires \separated(e, bytes + (0 .. len - 1));
  @ terminates \true;
  @ assigns *e;
  @ ensures inside: \result == 0 ==> e->payload == bytes + 12 &&
  @   e->payload_len == bytes[11] && e->sig == bytes + (len - 64);
  @ ensures length: \result == 0 ==> len == bytes[11] + 78; */
FERRY_MUST_USE int ferry_envelope_open(struct ferry_envelope *e, const uint8_t *bytes,
                                       size_t len);

/* Total length of the envelope that begins with these FERRY_ENVELOPE_HEAD bytes; 0 if
 * no envelope begins so. */
/*@ requires \valid_read(head + (0 .. 11));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == 0 || 102 <= \result <= FERRY_ENVELOPE_MAX; */
FERRY_MUST_USE size_t ferry_envelope_len(const uint8_t *head);

/* What an envelope's head says: the key slot, and how long the payload is. */
/*@ requires \valid_read(env + 8);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == env[8]; */
static inline uint8_t ferry_envelope_kid(const uint8_t *env)
{
    return env[8];
}
/*@ requires \valid_read(env + 11);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == env[11]; */
static inline uint8_t ferry_envelope_payload_len(const uint8_t *env)
{
    return env[11];
}

/* Turn the envelope at `env` into its to-be-signed bytes, in place: they begin
 * FERRY_TBS_SPARE bytes *before* env, which must be writable. Returns their length.
 * ferry_tbs_undo restores the envelope; both only touch the first 12 bytes of env and
 * the spare. `env` must have passed ferry_envelope_open (or be about to be signed). */
/*@ requires \valid(env + (-10 .. 11));
  @ terminates \true;
  @ assigns env[-10 .. 9];
  @ ensures \result == env[11] + FERRY_TBS_OVER; */
size_t ferry_tbs_make(uint8_t *env);
/*@ requires \valid(env + (0 .. 11));
  @ terminates \true;
  @ assigns env[0 .. 9]; */
void ferry_tbs_undo(uint8_t *env);

/* The manifest's keys, as numbered on the wire. */
enum ferry_manifest_key {
    FERRY_KEY_TYPE = 0,
    FERRY_KEY_CLASS = 1,
    FERRY_KEY_HW_MIN = 2,
    FERRY_KEY_HW_MAX = 3,
    FERRY_KEY_VERSION = 4,
    FERRY_KEY_SEC_CTR = 5,
    FERRY_KEY_LENGTH = 6,
    FERRY_KEY_SHA256 = 7,
    FERRY_KEY_LINK = 8,
    FERRY_KEY_MIN_FROM = 9,
    FERRY_KEY_ENCODING = 10,
    FERRY_KEY_T_LEN = 11,
    FERRY_KEY_T_SHA256 = 12,
    FERRY_KEY_BASE = 13,
    FERRY_KEY_BLOCKS = 14,
    FERRY_KEY_DEVICE = 15
};

#define FERRY_TYPE_IMAGE 1U
#define FERRY_SEC_CTR_MAX 0xFFFFFFUL

/* Strings point into the payload it was parsed from; NULL where the key is absent,
 * and a number is 0 (min_from, encoding, t_len) where its key is absent. */
struct ferry_manifest { /* numbers, then pointers: src/pairs.h counts in them */
    uint32_t has;       /* bit k set: key k is present */
    uint32_t type;      /* FERRY_TYPE_IMAGE */
    uint32_t hw_min, hw_max;
    uint32_t version; /* major << 24 | minor << 16 | patch */
    uint32_t sec_ctr; /* at most FERRY_SEC_CTR_MAX */
    uint32_t length;  /* image bytes */
    uint32_t link;
    uint32_t min_from;
    uint32_t encoding;
    uint32_t t_len;
    const uint8_t *class_id; /* 16 bytes */
    const uint8_t *sha256;
    const uint8_t *t_sha256;
    const uint8_t *base;   /* 16 bytes */
    const uint8_t *blocks; /* SHA-256 of the block table */
    const uint8_t *device; /* 16 bytes */
    const uint8_t *info; /* keys that are not among these, undecoded, as they stand: */
    uint16_t info_len;   /* see ferry_manifest_info() */
    uint8_t info_count;
};

/* Who reads decides what an unknown key means: below this number it is refused. */
enum ferry_reader_role {
    FERRY_READER_BOOT = 20,  /* the bootloader: 20..23 are the receiver's affair */
    FERRY_READER_DEVICE = 24 /* the receiving application: all that there can be */
};

/* 0 or FERRY_E_CBOR, _ORDER, _CRIT, _TYPE, _MISSING, _TRAIL. `m` is undefined on
 * failure. Terminates and reads inside its bytes for any input. */
FERRY_MUST_USE int ferry_manifest_parse(struct ferry_manifest *m,
                                        const uint8_t *payload, size_t len,
                                        enum ferry_reader_role role);

/* Fill in `info` of a manifest that was parsed from these bytes. No device asks for it. */
void ferry_manifest_info(struct ferry_manifest *m, const uint8_t *payload, size_t len);

/* The inverse of both: writes the payload of `m` (the keys in `has`, then `info`). Returns
 * its length, 0 if it does not fit `cap` or is shorter than FERRY_PAYLOAD_MIN.
 * parse(b) succeeds => encode(parse(b)) == b. */
FERRY_MUST_USE size_t ferry_manifest_encode(const struct ferry_manifest *m,
                                            uint8_t *payload, size_t cap);

/* Lay out an unsigned envelope around `payload_len` bytes that already stand at
 * env + FERRY_ENVELOPE_HEAD; the signature's 64 bytes are left as they are. */
size_t ferry_envelope_frame(uint8_t *env, size_t payload_len, uint8_t alg, uint8_t kid);

/* Bytes of the block table for `length` image bytes. */
/*@ terminates \true;
  @ assigns \nothing; */
FERRY_MUST_USE uint32_t ferry_table_len(uint32_t length);

#ifdef __cplusplus
}
#endif
#endif
