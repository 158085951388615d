/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements, from a phone's bytes to what its device may do. Two halves: reading and
 * verifying needs no transaction and runs in any thread; applying is an event. Asking
 * never earns an offer: cohort logic writes it, in the transaction that reads the
 * rollout's state, for a device whose statement of this check-in was signed over a nonce
 * of the last 24 hours. */
#ifndef FERRY_FLEET_CHECKIN_H
#define FERRY_FLEET_CHECKIN_H

#include "event.h"
#include "ferry/manifest.h"
#include "ferry/statement.h"
#include "security.h"

#define CHECKIN_STATEMENTS_MAX 64U
#define CHECKIN_OFFER_S (72 * 3600) /* what an offer is good for */
#define CHECKIN_FRESH_H 24

/* ---- nonces (nonce.c): hour of issue, big-endian, then 12 bytes of a MAC ---------- */

#define NONCE_SECRET_LEN 32U
void nonce_make(uint8_t nonce[FERRY_NONCE_LEN], const uint8_t secret[NONCE_SECRET_LEN],
                int32_t hour);
/* The hour that it names, unproved; -1: none that there is. */
int32_t nonce_claims(const uint8_t nonce[FERRY_NONCE_LEN]);
/* The hour it was issued in, or -1: it is not one of ours, or of an hour to come. */
int32_t nonce_hour(const uint8_t nonce[FERRY_NONCE_LEN],
                   const uint8_t secret[NONCE_SECRET_LEN], int32_t now_h);

/* ---- one statement, read and verified (in any thread; `db` a reader) ------------- */

struct heard {
    uint8_t envelope[FERRY_ENVELOPE_MAX + FERRY_TBS_SPARE]; /* at FERRY_TBS_SPARE */
    size_t len;
    int64_t device;           /* its number; 0: none that signed this */
    enum security_kind wrong; /* SECURITY_NOTHING: it is verified */
    uint8_t claimed[16];      /* the device id it claims, zero if it has none */
};
void checkin_verify(struct db *db, const uint8_t secret[NONCE_SECRET_LEN],
                    int32_t now_h, const void *bytes, size_t len, struct heard *h);

/* Is it worth an event? "new" is; "known" and "late" are not, and would be refused with
 * 409. In the transaction; of a verified one. */
const char *checkin_news(struct db *db, const struct heard *h);

/* ---- what a device may do now, behind its statement's event ---------------------- */

/* {"device": hex, "decision": "offer" | "none" | "hold",
 *  "why": "...", "rollout": n, "release": {...}, "expires": "2026-...Z",
 *  "artifacts": [{"link", "hw_min", "hw_max", "size", "sha256", "url"}]}
 * Read as it stands: whether there is an offer was decided when an event was applied. */
json_t *checkin_decision(struct db *db, int64_t device, int64_t now);

#endif
