/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the table `meta`; not what its values mean. */
#include "meta.h"

#include <string.h>

size_t meta_get(struct db *db, const char *name, void *to, size_t cap)
{
    struct db_query *q = db_ask(db, "SELECT value FROM meta WHERE name = ?");
    size_t len = 0;

    db_text(q, 0, name);
    if (db_next(q)) {
        const uint8_t *value = db_get_blob(q, 0, &len);
        len = len < cap ? len : cap;
        if (len > 0) {
            memcpy(to, value, len);
        }
    }
    db_done(q);
    return len;
}

void meta_put(struct db *db, const char *name, const void *value, size_t len)
{
    struct db_query *q =
        db_ask(db, "INSERT INTO meta (name, value) VALUES (?, ?)"
                   " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

    db_text(q, 0, name);
    db_blob(q, 1, value, len);
    db_do(q);
}
