/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device says about itself, signed with its own key: the same envelope as a
 * manifest's (ferry/manifest.h), key id 0x80, payload type 2. Every statement restates
 * the whole, so one that is lost costs nothing. docs/PROTOCOL.md has every byte.
 *
 * It proves the device's key, that is, whatever application runs there. */
#ifndef FERRY_STATEMENT_H
#define FERRY_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "ferry/err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FERRY_KID_STATEMENT 0x80U
#define FERRY_TYPE_STATEMENT 2U
#define FERRY_NONCE_LEN 16U
#define FERRY_OFFENDER_LEN 9U  /* key slot, first 8 bytes of the refused digest */
#define FERRY_REFUSALS_LEN 13U /* counts of E_CLASS (-40) to E_TOMBSTONE (-52) */

/* How the last update ended. Frozen, with the boot journal. */
enum ferry_outcome {
    FERRY_OUTCOME_NONE = 0,
    FERRY_OUTCOME_TRIAL = 1,      /* it is on trial */
    FERRY_OUTCOME_CONFIRMED = 2,  /* it was confirmed */
    FERRY_OUTCOME_FAULTS = 3,     /* rolled back: its trial's faults; tombstoned */
    FERRY_OUTCOME_POWER = 4,      /* rolled back: its trial's power failures */
    FERRY_OUTCOME_EXPIRED = 5,    /* rolled back: never confirmed in time */
    FERRY_OUTCOME_CRASH_LOOP = 6, /* rolled back after its confirm; tombstoned */
    FERRY_OUTCOME_DAMAGED = 7,    /* rolled back: its bytes are not what was signed */
    FERRY_OUTCOME_REFUSED = 8     /* the bootloader refused to try it */
};

/* The keys of its map, as numbered on the wire. */
enum ferry_statement_key {
    FERRY_SAYS_TYPE = 0,
    FERRY_SAYS_CLASS = 1,
    FERRY_SAYS_DEVICE = 2,
    FERRY_SAYS_HW_REV = 3,
    FERRY_SAYS_VERSION = 4,
    FERRY_SAYS_COUNTER = 5,
    FERRY_SAYS_NONCE = 6,
    FERRY_SAYS_DIGEST = 7,
    FERRY_SAYS_LINK = 8,
    FERRY_SAYS_ATTEMPTS = 9,
    FERRY_SAYS_STARTS = 10,
    FERRY_SAYS_RESETS = 11,
    FERRY_SAYS_OUTCOME = 12,
    FERRY_SAYS_OUTCOME_VERSION = 13,
    FERRY_SAYS_OUTCOME_DIGEST = 14,
    FERRY_SAYS_UPDATES = 15,
    FERRY_SAYS_ROLLBACKS = 16,
    FERRY_SAYS_HASH_ERRORS = 17,
    FERRY_SAYS_BLOCK_ERRORS = 18,
    FERRY_SAYS_BAD_SIGNATURES = 19,
    FERRY_SAYS_OFFENDER = 20,
    FERRY_SAYS_REFUSALS = 21,
    FERRY_SAYS_FLOOR = 22
};

/* Strings are borrowed. Totals saturate, and never fall but with a lost journal. */
struct ferry_statement { /* numbers, then pointers: src/pairs.h counts in them */
    uint32_t has;        /* bit k: key k is present; all but the nonce must be */
    uint32_t type;       /* FERRY_TYPE_STATEMENT */
    uint32_t hw_rev;
    uint32_t version;  /* of the running image */
    uint32_t counter;  /* greater in every statement than in any before */
    uint32_t link;     /* address an image for the staging bank is linked for */
    uint32_t attempts; /* of its trial that are left; 0: confirmed */
    uint32_t starts;   /* since its confirm, of those that made a statement */
    uint32_t resets;   /* abnormal ones since its confirm */
    uint32_t outcome;  /* enum ferry_outcome, of the last update */
    uint32_t outcome_version;
    uint32_t updates;   /* confirmed, ever */
    uint32_t rollbacks; /* ever */
    uint32_t hash_errors, block_errors;
    uint32_t bad_signatures;
    uint32_t floor;
    const uint8_t *class_id;       /* 16 bytes */
    const uint8_t *device_id;      /* 16 bytes */
    const uint8_t *nonce;          /* 16 bytes, as the asker gave it; NULL: none */
    const uint8_t *digest;         /* 16 bytes, of the running image's envelope */
    const uint8_t *outcome_digest; /* 8 bytes */
    const uint8_t *offender;       /* FERRY_OFFENDER_LEN bytes, of the last one */
    const uint8_t *refusals;       /* FERRY_REFUSALS_LEN bytes, each saturating */
};

/* The payload of `s`. Returns its length, 0 if it does not fit `cap`. */
FERRY_MUST_USE size_t ferry_statement_encode(const struct ferry_statement *s,
                                             uint8_t *payload, size_t cap);

/* The inverse: 0 or FERRY_E_CBOR, _ORDER, _CRIT, _TYPE, _MISSING, _TRAIL. Unknown keys
 * from -1 down are skipped. Strings point into `payload`. Says nothing about the
 * signature. */
FERRY_MUST_USE int ferry_statement_parse(struct ferry_statement *s,
                                         const uint8_t *payload, size_t len);

#ifdef __cplusplus
}
#endif
#endif
