/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks the log: is the chain whole, and does it make the same rows in another database?
 * Whoever decided something else would break the chain there, or answer otherwise. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

/* ---- checking -------------------------------------------------------------------- */

struct walk {
    uint8_t chain[LOG_HASH_LEN];
    int64_t rows;
    char *why;
    size_t cap;
    struct db *into; /* of a replay */
    unsigned begun;  /* events of its transaction */
    log_progress *progress;
    void *ctx;
};

static bool check_row(void *ctx, const struct log_row *row)
{
    struct walk *w = ctx;
    uint8_t hash[LOG_HASH_LEN];

    if (row->seq != w->rows + 1) {
        snprintf(w->why, w->cap, "event %lld is missing", (long long)w->rows + 1);
        return false;
    }
    log_hash(hash, w->chain, row);
    if (row->hash == NULL || memcmp(hash, row->hash, sizeof hash) != 0) {
        snprintf(w->why, w->cap, "event %lld was altered: its hash is another",
                 (long long)row->seq);
        return false;
    }
    memcpy(w->chain, hash, sizeof hash);
    w->rows = row->seq;
    return true;
}

/* Rows at the end leave no gap when they go, but devices' states name their newest. */
static bool end_is_there(struct db *db, struct walk *w)
{
    struct db_query *q =
        db_ask(db, "SELECT device, newest FROM states WHERE newest > ? LIMIT 1");

    db_int(q, 0, w->rows);
    bool missing = db_next(q);
    if (missing) {
        snprintf(w->why, w->cap, "event %lld, the newest of device %lld, is missing",
                 (long long)db_get_int(q, 1), (long long)db_get_int(q, 0));
    }
    db_done(q);
    return !missing;
}

bool log_check(struct db *db, int64_t *rows, uint8_t head[LOG_HASH_LEN], char *why,
               size_t cap)
{
    struct walk w = {.why = why, .cap = cap};
    bool good = log_each(db, 0, check_row, &w) && end_is_there(db, &w);

    if (db_failed(db)) {
        snprintf(why, cap, "%s", db_why(db));
    }
    *rows = w.rows;
    memcpy(head, w.chain, LOG_HASH_LEN);
    return good && !db_failed(db);
}

/* ---- playing again --------------------------------------------------------------- */

#define TOGETHER 500U /* events of one transaction */

static bool commit(struct walk *w)
{
    w->begun = 0;
    if (db_commit(w->into)) {
        return true;
    }
    snprintf(w->why, w->cap, "%s", db_why(w->into));
    return false;
}

/* Did the event go into the same row with the same hash? */
static bool same_row(struct walk *w, const struct log_row *row)
{
    struct db_query *q = db_ask(w->into, "SELECT hash FROM log WHERE seq = ?");
    size_t len = 0;

    db_int(q, 0, row->seq);
    const uint8_t *hash = db_next(q) ? db_get_blob(q, 0, &len) : NULL;
    bool same = len == LOG_HASH_LEN && row->hash != NULL &&
                memcmp(hash, row->hash, LOG_HASH_LEN) == 0;
    db_done(q);
    return same;
}

static bool play_row(void *ctx, const struct log_row *row)
{
    struct walk *w = ctx;
    struct outcome o;

    if (w->begun == 0 && !db_begin(w->into)) {
        snprintf(w->why, w->cap, "%s", db_why(w->into));
        return false;
    }
    w->begun++;
    event_apply(w->into, &row->event, &o);
    json_decref(o.answer);
    if (o.status < 200 || o.status >= 300) {
        snprintf(w->why, w->cap, "event %lld was accepted, and is refused now: %s",
                 (long long)row->seq, o.why);
        return false;
    }
    if (!same_row(w, row)) {
        snprintf(w->why, w->cap,
                 "event %lld: its hash is another: it, or one before it, was altered",
                 (long long)row->seq);
        return false;
    }
    w->rows = row->seq;
    if (w->progress != NULL) {
        w->progress(w->ctx, row->seq);
    }
    return w->begun < TOGETHER || commit(w);
}

bool log_replay(struct db *from, struct db *into, log_progress *progress, void *ctx,
                char *why, size_t cap)
{
    struct walk w = {
        .why = why, .cap = cap, .into = into, .progress = progress, .ctx = ctx};

    if (log_newest(into) != 0) {
        snprintf(why, cap, "the other database is not empty");
        return false;
    }
    bool good = log_each(from, 0, play_row, &w) && (w.begun == 0 || commit(&w));
    if (db_failed(from)) {
        snprintf(why, cap, "%s", db_why(from));
    }
    if (!good) {
        db_rollback(into);
    }
    return good;
}
