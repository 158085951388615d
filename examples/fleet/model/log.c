/* SPDX-License-Identifier: Apache-2.0
 *
 * A row's hash is SHA-256 over the hash of the row before it, then its numbers, big-endian
 * in eight bytes each, then its texts and its body, each behind its length: so no row can
 * be altered, left out or put in without every hash behind it changing. */
#include "log.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HOURS_LEN 84U /* of states.hours */
#define PAGE 64       /* rows read at a time: a server's whole answer is in memory */

/* ---- hashes ---------------------------------------------------------------------- */

static void add_number(crypto_hash_sha256_state *h, int64_t value)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
    }
    crypto_hash_sha256_update(h, bytes, sizeof bytes);
}

static void add_bytes(crypto_hash_sha256_state *h, const void *bytes, size_t len)
{
    add_number(h, (int64_t)len);
    crypto_hash_sha256_update(h, bytes, len);
}

void log_hash(uint8_t to[LOG_HASH_LEN], const uint8_t before[LOG_HASH_LEN],
              const struct log_row *row)
{
    const struct event *e = &row->event;
    crypto_hash_sha256_state h;

    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, before, LOG_HASH_LEN);
    add_number(&h, row->seq);
    add_number(&h, e->at);
    add_number(&h, e->kind);
    add_number(&h, e->device);
    add_number(&h, row->before);
    add_bytes(&h, e->actor, strlen(e->actor));
    add_bytes(&h, e->relay, strlen(e->relay));
    add_bytes(&h, e->body, e->len);
    crypto_hash_sha256_final(&h, to);
}

/* ---- writing --------------------------------------------------------------------- */

int64_t log_newest(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT seq FROM log ORDER BY seq DESC LIMIT 1");
    int64_t seq = db_next(q) ? db_get_int(q, 0) : 0;

    db_done(q);
    return seq;
}

/* The newest row's number and hash; 0 and zeros if there is none. */
static int64_t end_of_chain(struct db *db, uint8_t hash[LOG_HASH_LEN])
{
    struct db_query *q =
        db_ask(db, "SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1");
    int64_t seq = 0;
    size_t len;

    memset(hash, 0, LOG_HASH_LEN);
    if (db_next(q)) {
        const uint8_t *found = db_get_blob(q, 1, &len);
        if (len == LOG_HASH_LEN) {
            memcpy(hash, found, LOG_HASH_LEN);
        }
        seq = db_get_int(q, 0);
    }
    db_done(q);
    return seq;
}

/* The device's newest event so far, 0 if there is none. */
static int64_t newest_of(struct db *db, int64_t device, bool *has_state)
{
    struct db_query *q = db_ask(db, "SELECT newest FROM states WHERE device = ?");

    db_int(q, 0, device);
    *has_state = db_next(q);
    int64_t newest = db_get_int(q, 0);
    db_done(q);
    return newest;
}

/* The row of `states` of a device that has not said anything yet. */
static void new_state(struct db *db, int64_t device, int64_t seq)
{
    static const uint8_t never[HOURS_LEN];
    struct db_query *q = db_ask(
        db,
        "INSERT INTO states (device, version, floor, grave, counter, heard_window,"
        " again, seen, hours, resets, outcome, outcome_version, attempts, updates,"
        " rollbacks, bad_signatures, transfers_bad, app, heard_at, rollout, newest)"
        " VALUES (?, 0, 0, 0, 0, 0, 0, -1, ?, 0, 0, 0, 0, 0, 0, 0, 0, '', 0, 0, ?)");

    db_int(q, 0, device);
    db_blob(q, 1, never, sizeof never);
    db_int(q, 2, seq);
    db_do(q);
}

static void name_in_state(struct db *db, int64_t device, int64_t seq, bool has_state)
{
    if (!has_state) {
        new_state(db, device, seq);
        return;
    }
    struct db_query *q = db_ask(db, "UPDATE states SET newest = ? WHERE device = ?");
    db_int(q, 0, seq);
    db_int(q, 1, device);
    db_do(q);
}

static bool insert(struct db *db, const struct log_row *row)
{
    struct db_query *q =
        db_ask(db, "INSERT INTO log (seq, at, kind, actor, relay, device, before, body,"
                   " hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

    db_int(q, 0, row->seq);
    db_int(q, 1, row->event.at);
    db_int(q, 2, row->event.kind);
    db_text(q, 3, row->event.actor);
    db_text(q, 4, row->event.relay);
    db_int(q, 5, row->event.device);
    db_int(q, 6, row->before);
    db_blob(q, 7, row->event.len > 0 ? row->event.body : "", row->event.len);
    db_blob(q, 8, row->hash, LOG_HASH_LEN);
    return db_do(q) == 1;
}

int64_t log_append(struct db *db, const struct event *e)
{
    uint8_t chain[LOG_HASH_LEN], hash[LOG_HASH_LEN];
    struct log_row row = {.event = *e, .hash = hash};
    bool has_state = true;

    row.seq = end_of_chain(db, chain) + 1;
    if (e->device != 0) {
        row.before = newest_of(db, e->device, &has_state);
    }
    log_hash(hash, chain, &row);
    if (!insert(db, &row)) {
        return 0;
    }
    if (e->device != 0) {
        name_in_state(db, e->device, row.seq, has_state);
    }
    return db_failed(db) ? 0 : row.seq;
}

/* ---- reading --------------------------------------------------------------------- */

static void get_row(struct db_query *q, struct log_row *row)
{
    size_t len = 0;

    row->seq = db_get_int(q, 0);
    row->event.at = db_get_int(q, 1);
    row->event.kind = (enum event_kind)db_get_int(q, 2);
    row->event.actor = db_get_text(q, 3);
    row->event.relay = db_get_text(q, 4);
    row->event.device = db_get_int(q, 5);
    row->before = db_get_int(q, 6);
    row->event.body = db_get_blob(q, 7, &row->event.len);
    row->hash = db_get_blob(q, 8, &len);
    if (len != LOG_HASH_LEN) {
        row->hash = NULL;
    }
}

bool log_each(struct db *db, int64_t after,
              bool (*each)(void *ctx, const struct log_row *row), void *ctx)
{
    struct log_row row;
    bool going = true, more = true;

    while (more && going) {
        struct db_query *q =
            db_ask(db, "SELECT seq, at, kind, actor, relay, device, before, body, hash"
                       " FROM log WHERE seq > ? ORDER BY seq LIMIT ?");
        db_int(q, 0, after);
        db_int(q, 1, PAGE);
        more = false;
        while (going && db_next(q)) {
            get_row(q, &row);
            going = each(ctx, &row);
            after = row.seq;
            more = true;
        }
        db_done(q);
    }
    return going && !db_failed(db);
}
