/* SPDX-License-Identifier: Apache-2.0
 *
 * The log's rows and the chain of hashes through them. Knows how a row is written, read
 * and linked to the one before it about the same device; not what an event means. */
#ifndef FERRY_FLEET_LOG_H
#define FERRY_FLEET_LOG_H

#include "event.h"

/* A row as it stands there; pointers are good until its query goes on. */
struct log_row {
    int64_t seq, before;
    struct event event;
    const uint8_t *hash;
};

/* The event's row, in the writer's transaction: its number, or 0 if the database failed.
 * A device that it is about has a row of `states` from then on, and that one names it. */
int64_t log_append(struct db *db, const struct event *e);

/* Each row behind `after`, in order. `each` returns false to stop; false then, and when
 * the database failed. No transaction is needed: rows never change. */
bool log_each(struct db *db, int64_t after,
              bool (*each)(void *ctx, const struct log_row *row), void *ctx);

/* The number of the newest row, 0 if there is none. */
int64_t log_newest(struct db *db);

/* What the row's hash must be behind the row with the hash `before` (zero of the first). */
void log_hash(uint8_t to[LOG_HASH_LEN], const uint8_t before[LOG_HASH_LEN],
              const struct log_row *row);

#endif
