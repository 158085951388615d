/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices that exist as keys alone: device n's id and key follow from n, and it signs
 * whatever it is told to say. Knows the statement's form; not when to say what. */
#ifndef FERRY_TEST_FLEET_UNIT_H
#define FERRY_TEST_FLEET_UNIT_H

#include "ferry/manifest.h"
#include "ferry/statement.h"

#define UNIT_LINE_MAX 200U

struct unit {
    uint8_t id[16], public_key[32], secret_key[64];
};

/* Signing alone needs `secret_key`, which costs as much as a signature to make. */
void unit_make(struct unit *u, uint32_t n);

/* The class all of them are of. */
extern const uint8_t unit_class[16];

/* A line of the factory's CSV, with its end: "id,class,key,hw_rev". Its length. */
size_t unit_csv(const struct unit *u, uint32_t hw_rev, char line[UNIT_LINE_MAX]);

/* The envelope of `says`, whose strings that are NULL are filled in (but the nonce, which
 * may be missing). Its length. */
size_t unit_sign(const struct unit *u, const struct ferry_statement *says,
                 uint8_t envelope[FERRY_ENVELOPE_MAX]);

#endif
