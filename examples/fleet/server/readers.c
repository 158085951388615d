/* SPDX-License-Identifier: Apache-2.0
 *
 * A stack of idle connections; a thread that finds none opens one. There are never more
 * than there are threads. */
#include "readers.h"

#include <stdio.h>

#include "settings.h"

#define STORE_TIMEOUT_S 10U
#define STORE_ATTEMPTS 2U

void readers_open(struct readers *r, const char *db, const char *store)
{
    *r = (struct readers){.db = db, .store = store};
    pthread_mutex_init(&r->lock, NULL);
}

static void close_one(struct reader *one)
{
    if (one->db != NULL) {
        db_close(one->db);
    }
    if (one->store != NULL) {
        store_close(one->store);
    }
    *one = (struct reader){0};
}

void readers_close(struct readers *r)
{
    while (r->len > 0) {
        close_one(&r->idle[--r->len]);
    }
    pthread_mutex_destroy(&r->lock);
}

static bool open_one(const struct readers *r, struct reader *to, char *why, size_t cap)
{
    to->db = db_open(r->db, DB_READER, why, cap);
    if (to->db == NULL) {
        return false;
    }
    to->store = settings_store(r->store, STORE_TIMEOUT_S, STORE_ATTEMPTS, why, cap);
    if (to->store == NULL) {
        close_one(to);
        return false;
    }
    return true;
}

bool readers_take(struct readers *r, struct reader *to, char *why, size_t cap)
{
    *to = (struct reader){0};
    pthread_mutex_lock(&r->lock);
    if (r->len > 0) {
        *to = r->idle[--r->len];
    }
    pthread_mutex_unlock(&r->lock);
    if (to->db == NULL && !open_one(r, to, why, cap)) {
        return false;
    }
    if (!db_begin(to->db)) {
        snprintf(why, cap, "%s", db_why(to->db));
        readers_give(r, to);
        return false;
    }
    return true;
}

void readers_give(struct readers *r, struct reader *from)
{
    if (!db_commit(from->db)) {
        db_rollback(from->db);
    }
    pthread_mutex_lock(&r->lock);
    if (r->len < READERS_MAX) {
        r->idle[r->len++] = *from;
        from->db = NULL;
        from->store = NULL;
    }
    pthread_mutex_unlock(&r->lock);
    close_one(from);
}
