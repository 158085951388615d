/* SPDX-License-Identifier: Apache-2.0
 *
 * Two queries side by side for each table, in the order of its key. Rows are read in
 * pieces: a server's answer is in memory as a whole. */
#include "same.h"

#include <stdio.h>
#include <string.h>

#define KEYS_MAX 3U
#define PIECE 5000

/* `types`: i a number, t text, b bytes; the first `keys` columns are the key, numbers all. */
struct table {
    const char *name, *types;
    unsigned keys;
    const char *sql;
};

#define ONE(columns, name, key)                                                        \
    "SELECT " columns " FROM " name " WHERE " key " > ? ORDER BY " key " LIMIT ?"
#define MORE(columns, name, keys, marks)                                               \
    "SELECT " columns " FROM " name " WHERE (" keys ") > (" marks ") ORDER BY " keys   \
    " LIMIT ?"

static const struct table tables[] = {
    {"log", "iiittiibb", 1,
     ONE("seq, at, kind, actor, relay, device, before, body, hash", "log", "seq")},
    {"devices", "ibbbiiib", 1,
     ONE("no, id, class, key, hw_rev, region, tags, household", "devices", "no")},
    {"states", "iibiiiiiibiiiiiiibitiii", 1,
     ONE("device, version, digest, floor, grave, counter, heard_window, again, seen,"
         " hours, resets, outcome, outcome_version, attempts, updates, rollbacks,"
         " bad_signatures, refusals, transfers_bad, app, heard_at, rollout, newest",
         "states", "device")},
    {"releases", "ibiiiiiiiit", 1,
     ONE("no, class, version, sec_ctr, slot, min_from, hw_min, hw_max, pass,"
         " withdrawn_at, body",
         "releases", "no")},
    {"rollouts", "ibiiiiibittib", 1,
     ONE("no, class, version, state, stage, since, opened, salt, supersedes, body,"
         " frozen, ticked, health",
         "rollouts", "no")},
    {"facet_values", "iiit", 3,
     MORE("rollout, facet, value, name", "facet_values", "rollout, facet, value",
          "?, ?, ?")},
    {"waivers", "iiitt", 2,
     MORE("rollout, hw_rev, at, who, why", "waivers", "rollout, hw_rev", "?, ?")},
    {"exposures", "iiiiiiiiiiiiiii", 2,
     MORE("rollout, device, treated, known, facets, silence, began, seen, told, quit,"
          " silent, reset, reset_counted, base, version",
          "exposures", "rollout, device", "?, ?")},
    {"offers", "iiiiii", 1,
     ONE("device, rollout, release, first_at, at, expires", "offers", "device")},
    {"ticks", "iiiit", 2,
     MORE("rollout, hour, through, alarm, body", "ticks", "rollout, hour", "?, ?")},
    {"figures", "ittt", 1,
     ONE("rollout, counts, shares, curves", "figures", "rollout")},
    {"security", "iiiibtit", 1,
     ONE("seq, at, kind, device, claimed, relay, times, body", "security", "seq")},
    {"reports", "iiiittiiiit", 1,
     ONE("seq, at, device, rollout, relay, outcome, code, bytes, resumes, seconds, app",
         "reports", "seq")},
};

struct pair {
    struct db_query *a, *b;
    int64_t key[KEYS_MAX]; /* of the row read last */
};

static struct db_query *ask(struct db *db, const struct table *t,
                            const int64_t key[KEYS_MAX])
{
    struct db_query *q = db_ask(db, t->sql);

    for (unsigned k = 0; k < KEYS_MAX && k < t->keys; k++) {
        db_int(q, k, key[k]);
    }
    db_int(q, t->keys, PIECE);
    return q;
}

static bool same_bytes(const struct pair *p, unsigned column)
{
    size_t a_len, b_len;
    const uint8_t *a = db_get_blob(p->a, column, &a_len);
    const uint8_t *b = db_get_blob(p->b, column, &b_len);

    return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static bool same_column(const struct pair *p, char type, unsigned column)
{
    if (db_get_null(p->a, column) || db_get_null(p->b, column)) {
        return db_get_null(p->a, column) && db_get_null(p->b, column);
    }
    switch (type) {
    case 'i':
        return db_get_int(p->a, column) == db_get_int(p->b, column);
    case 't':
        return strcmp(db_get_text(p->a, column), db_get_text(p->b, column)) == 0;
    default:
        return same_bytes(p, column);
    }
}

static void say_row(const struct table *t, const struct pair *p, char *to, size_t cap)
{
    int len = snprintf(to, cap, "%s, row", t->name);

    for (unsigned k = 0; k < KEYS_MAX && k < t->keys; k++) {
        len += snprintf(to + len, cap - (size_t)len, " %lld", (long long)p->key[k]);
    }
}

static bool same_row(const struct table *t, struct pair *p, char *why, size_t cap)
{
    char row[100];

    for (unsigned k = 0; k < KEYS_MAX && k < t->keys; k++) {
        p->key[k] = db_get_int(p->a, k);
    }
    for (unsigned column = 0; t->types[column] != '\0'; column++) {
        if (!same_column(p, t->types[column], column)) {
            say_row(t, p, row, sizeof row);
            snprintf(why, cap, "%s: column %u differs", row, column + 1);
            return false;
        }
    }
    return true;
}

/* Up to PIECE rows behind p->key. *more: there may be others. */
static bool same_piece(const struct table *t, struct pair *p, bool *more, char *why,
                       size_t cap)
{
    char row[100];
    bool same = true, in_a = true, in_b = true;
    unsigned rows = 0;

    for (; same && in_a && in_b; rows++) {
        in_a = db_next(p->a);
        in_b = db_next(p->b);
        same = !in_a || !in_b || same_row(t, p, why, cap);
    }
    if (in_a != in_b) {
        say_row(t, p, row, sizeof row);
        snprintf(why, cap, "%s is the last one in one, and not in the other", row);
    }
    db_done(p->a);
    db_done(p->b);
    *more = rows > PIECE;
    return same && in_a == in_b;
}

static bool same_table(struct db *a, struct db *b, const struct table *t, char *why,
                       size_t cap)
{
    struct pair p = {.key = {INT64_MIN, INT64_MIN, INT64_MIN}};
    bool more = true, same = true;

    while (more && same) {
        p.a = ask(a, t, p.key);
        p.b = ask(b, t, p.key);
        same = same_piece(t, &p, &more, why, cap);
    }
    return same;
}

bool same_tables(struct db *a, struct db *b, char *why, size_t cap)
{
    bool same = true;

    for (size_t i = 0; same && i < sizeof tables / sizeof tables[0]; i++) {
        same = same_table(a, b, &tables[i], why, cap);
    }
    if (db_failed(a) || db_failed(b)) {
        snprintf(why, cap, "%s", db_why(db_failed(a) ? a : b));
        return false;
    }
    return same;
}
