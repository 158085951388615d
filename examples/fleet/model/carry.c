/* SPDX-License-Identifier: Apache-2.0
 *
 * Row by row from one connection to the other. */
#include "carry.h"

#include <stdio.h>

static void carry_meta(struct db *from, struct db *into)
{
    struct db_query *q =
        db_ask(from, "SELECT name, value FROM meta WHERE name <> 'schema'");

    while (db_next(q)) {
        size_t len;
        const uint8_t *value = db_get_blob(q, 1, &len);
        struct db_query *to =
            db_ask(into, "INSERT INTO meta (name, value) VALUES (?, ?)"
                         " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
        db_text(to, 0, db_get_text(q, 0));
        db_blob(to, 1, len > 0 ? value : (const uint8_t *)"", len);
        db_do(to);
    }
}

static void carry_tokens(struct db *from, struct db *into)
{
    struct db_query *q =
        db_ask(from, "SELECT hash, name, scopes, made_at, revoked_at FROM tokens");

    while (db_next(q)) {
        size_t len;
        const uint8_t *hash = db_get_blob(q, 0, &len);
        struct db_query *to =
            db_ask(into, "INSERT INTO tokens (hash, name, scopes, made_at, revoked_at)"
                         " VALUES (?, ?, ?, ?, ?)");
        db_blob(to, 0, hash, len);
        db_text(to, 1, db_get_text(q, 1));
        db_int(to, 2, db_get_int(q, 2));
        db_int(to, 3, db_get_int(q, 3));
        if (!db_get_null(q, 4)) {
            db_int(to, 4, db_get_int(q, 4));
        }
        db_do(to);
    }
}

bool carry_over(struct db *from, struct db *into, char *why, size_t cap)
{
    if (db_begin(into)) {
        carry_meta(from, into);
        carry_tokens(from, into);
    }
    bool good = !db_failed(from) && db_commit(into);
    if (!good) {
        snprintf(why, cap, "%s", db_why(db_failed(from) ? from : into));
        db_rollback(into);
    }
    return good;
}
