/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables. Makes them in an empty database, and refuses one of another version. */
#ifndef FERRY_FLEET_SCHEMA_H
#define FERRY_FLEET_SCHEMA_H

#include "db.h"

#define SCHEMA_VERSION 2

/* False: `why` says why. */
bool schema_ready(struct db *db, char *why, size_t cap);

#endif
