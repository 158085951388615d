/* SPDX-License-Identifier: Apache-2.0
 *
 * Are two databases the same in everything that follows from their logs? For tests, for
 * `ferryd check --replay` and behind a move to another kind of database. */
#ifndef FERRY_FLEET_SAME_H
#define FERRY_FLEET_SAME_H

#include "../db/db.h"

/* Row by row, column by column, of all derived tables and the logs. False: `why` names the
 * first difference: table, row, column. */
bool same_tables(struct db *a, struct db *b, char *why, size_t cap);

#endif
