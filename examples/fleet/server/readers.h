/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections for reading, one for each thread that needs one at a time. */
#ifndef FERRY_FLEET_READERS_H
#define FERRY_FLEET_READERS_H

#include <pthread.h>
#include <stdbool.h>

#include "../db/db.h"
#include "store.h"

#define READERS_MAX 64U

struct reader {
    struct db *db;
    struct store *store;
};

struct readers {
    pthread_mutex_t lock;
    const char *db, *store; /* where */
    struct reader idle[READERS_MAX];
    unsigned len;
};

void readers_open(struct readers *r, const char *db, const char *store);
void readers_close(struct readers *r);

/* One, inside a transaction. False: there is no database; `why` says why. */
bool readers_take(struct readers *r, struct reader *to, char *why, size_t cap);
/* Ends its transaction. */
void readers_give(struct readers *r, struct reader *from);

#endif
