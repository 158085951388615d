/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the table's columns, and the store's JSON in `body`. */
#include "release_row.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* ---- rows ------------------------------------------------------------------------ */

static bool get(struct db_query *q, struct release_row *r)
{
    size_t len;

    memset(r, 0, sizeof *r);
    if (!db_next(q)) {
        return false;
    }
    r->no = db_get_int(q, 0);
    const uint8_t *class_id = db_get_blob(q, 1, &len);
    if (class_id != NULL && len == sizeof r->is.class_id) {
        memcpy(r->is.class_id, class_id, len);
    }
    r->is.version = (uint32_t)db_get_int(q, 2);
    r->is.sec_ctr = (uint32_t)db_get_int(q, 3);
    r->is.slot = (uint8_t)db_get_int(q, 4);
    r->is.min_from = (uint32_t)db_get_int(q, 5);
    r->is.hw_rev.min = (uint32_t)db_get_int(q, 6);
    r->is.hw_rev.max = (uint32_t)db_get_int(q, 7);
    r->withdrawn = !db_get_null(q, 8);
    db_done(q);
    return true;
}

#define COLUMNS                                                                        \
    "no, class, version, sec_ctr, slot, min_from, hw_min, hw_max, withdrawn_at"

bool release_named(struct db *db, const uint8_t class_id[16], uint32_t version,
                   struct release_row *r)
{
    struct db_query *q =
        db_ask(db, "SELECT " COLUMNS " FROM releases WHERE class = ? AND version = ?");

    db_blob(q, 0, class_id, 16);
    db_int(q, 1, version);
    return get(q, r);
}

bool release_numbered(struct db *db, int64_t no, struct release_row *r)
{
    struct db_query *q = db_ask(db, "SELECT " COLUMNS " FROM releases WHERE no = ?");

    db_int(q, 0, no);
    return get(q, r);
}

/* ---- on the way ------------------------------------------------------------------ */

static size_t must_pass(struct db *db, const struct cohort_device *d,
                        uint32_t must[RELEASE_PASS_MAX])
{
    struct db_query *q =
        db_ask(db, "SELECT version FROM releases WHERE class = ? AND pass = 1"
                   " AND withdrawn_at IS NULL AND hw_min <= ? AND hw_max >= ?"
                   " ORDER BY version");
    size_t n = 0;

    db_blob(q, 0, d->class_id, sizeof d->class_id);
    db_int(q, 1, d->hw_rev);
    db_int(q, 2, d->hw_rev);
    while (n < RELEASE_PASS_MAX && db_next(q)) {
        must[n++] = (uint32_t)db_get_int(q, 0);
    }
    db_done(q);
    return n;
}

bool release_next(struct db *db, const struct cohort_device *d, uint32_t version,
                  struct release_row *r)
{
    uint32_t must[RELEASE_PASS_MAX];
    size_t n = must_pass(db, d, must);

    return release_named(db, d->class_id, cohort_next_hop(d->version, version, must, n),
                         r) &&
           !r->withdrawn;
}

/* ---- artifacts ------------------------------------------------------------------- */

/* The array "artifacts" of its record, borrowed from *record; NULL: unreadable. */
static json_t *record_of(struct db *db, int64_t no, json_t **record)
{
    struct db_query *q = db_ask(db, "SELECT body FROM releases WHERE no = ?");

    db_int(q, 0, no);
    *record = db_next(q) ? json_loads(db_get_text(q, 0), 0, NULL) : NULL;
    db_done(q);
    return json_object_get(*record, "artifacts");
}

static json_int_t number(const json_t *variant, const char *name)
{
    return json_integer_value(json_object_get(variant, name));
}

static json_t *offered(const json_t *variant)
{
    const char *sha256 = json_string_value(json_object_get(variant, "artifact"));
    char url[128];

    snprintf(url, sizeof url, "/v1/artifacts/%.64s", sha256 != NULL ? sha256 : "");
    return json_pack("{sI sI sI sI ss* ss}", "link", number(variant, "link"), "hw_min",
                     number(variant, "hw_min"), "hw_max", number(variant, "hw_max"),
                     "size", number(variant, "artifact_length"), "sha256", sha256,
                     "url", url);
}

json_t *release_artifacts(struct db *db, int64_t no, uint32_t hw_rev)
{
    json_t *record, *variant, *all = json_array();
    const json_t *variants = record_of(db, no, &record);
    size_t i;

    json_array_foreach(variants, i, variant)
    {
        if (number(variant, "hw_min") <= hw_rev &&
            hw_rev <= number(variant, "hw_max")) {
            json_array_append_new(all, offered(variant));
        }
    }
    json_decref(record);
    return all;
}

bool release_is_code(struct db *db, int64_t no, const uint8_t digest[STATE_DIGEST_LEN])
{
    char hex[2 * STATE_DIGEST_LEN + 1];
    json_t *record, *variant;
    const json_t *variants = record_of(db, no, &record);
    bool found = false;
    size_t i;

    sodium_bin2hex(hex, sizeof hex, digest, STATE_DIGEST_LEN);
    json_array_foreach(variants, i, variant)
    {
        const char *its = json_string_value(json_object_get(variant, "digest"));
        found |= its != NULL && strncmp(its, hex, sizeof hex - 1) == 0;
    }
    json_decref(record);
    return found;
}
