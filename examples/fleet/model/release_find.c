/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks for a hash in the records' text: 64 hexadecimal digits stand for one thing. */
#include "release_find.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum release_found release_of_artifact(struct db *db, const uint8_t sha256[32])
{
    char hex[65], pattern[80];
    struct db_query *q = db_ask(
        db, "SELECT withdrawn_at FROM releases WHERE body LIKE ? ORDER BY no DESC");
    enum release_found found = RELEASE_NONE;

    sodium_bin2hex(hex, sizeof hex, sha256, 32);
    snprintf(pattern, sizeof pattern, "%%%s%%", hex);
    db_text(q, 0, pattern);
    if (db_next(q)) {
        found = db_get_null(q, 0) ? RELEASE_THERE : RELEASE_WITHDRAWN;
    }
    db_done(q);
    return found;
}

bool release_by_no(struct db *db, int64_t no, uint8_t class_id[16], uint32_t *version)
{
    size_t len = 0;
    struct db_query *q = db_ask(db, "SELECT class, version FROM releases WHERE no = ?");

    db_int(q, 0, no);
    bool found = db_next(q);
    const uint8_t *id = db_get_blob(q, 0, &len);
    found = found && len == 16;
    if (found) {
        memcpy(class_id, id, 16);
        *version = (uint32_t)db_get_int(q, 1);
    }
    db_done(q);
    return found;
}
