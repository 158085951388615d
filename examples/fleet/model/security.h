/* SPDX-License-Identifier: Apache-2.0
 *
 * Security events: their own stream, never mixed with transfer errors. Knows the kinds;
 * some the server saw itself, some a device's signed statement tells of. */
#ifndef FERRY_FLEET_SECURITY_H
#define FERRY_FLEET_SECURITY_H

#include <stdint.h>

#include "../db/db.h"

/* Numbers are in the database: never reused. */
enum security_kind {
    SECURITY_NOTHING = 0,
    SECURITY_MALFORMED = 1,      /* no statement at all */
    SECURITY_UNKNOWN_DEVICE = 2, /* nobody we made */
    SECURITY_FORGED = 3,         /* its signature is not that device's */
    SECURITY_OTHER_CLASS = 4,    /* class or revision are not what the factory burned */
    SECURITY_FOREIGN_NONCE = 5,  /* a nonce that we never gave */
    SECURITY_COUNTER_TWICE = 6,  /* two statements with one counter: a copied key? */
    SECURITY_COUNTER_BACK = 7,  /* it began to count again: a lost journal, or a copy */
    SECURITY_UNOFFERED = 8,     /* it runs a genuine release that it was not offered */
    SECURITY_UNKNOWN_CODE = 9,  /* it runs what no release of ours is */
    SECURITY_REFUSED_CODE = 10, /* the device refused a forged manifest */
    SECURITY_REFUSED_POLICY =
        11,                  /* the device refused a genuine one: an old one, say */
    SECURITY_BAD_TOKEN = 12, /* an operator's route, without a token that holds */
    SECURITY_KINDS
};

/* "forged", and a sentence about it. */
const char *security_name(enum security_kind k);
const char *security_means(enum security_kind k);

/* A row of the stream. Called while an event is applied. */
void security_note(struct db *db, int64_t at, enum security_kind kind, int64_t device,
                   const uint8_t claimed[16], const char *relay, int64_t times,
                   const char *body);

#endif
