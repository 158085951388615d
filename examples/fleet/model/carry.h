/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in no log and yet belongs to an installation: its tokens, the nonces' secret,
 * the clock's base. */
#ifndef FERRY_FLEET_CARRY_H
#define FERRY_FLEET_CARRY_H

#include "../db/db.h"

/* Into an empty database, in a transaction. False: `why` says why. */
bool carry_over(struct db *from, struct db *into, char *why, size_t cap);

#endif
