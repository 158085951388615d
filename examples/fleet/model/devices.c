/* SPDX-License-Identifier: Apache-2.0
 *
 * From lines to rows of `devices`, and from a long file to events. */
#include "devices.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_row.h"
#include "text.h"

int64_t device_by_id(struct db *db, const uint8_t id[16])
{
    struct db_query *q = db_ask(db, "SELECT no FROM devices WHERE id = ?");

    db_blob(q, 0, id, 16);
    int64_t no = db_next(q) ? db_get_int(q, 0) : 0;
    db_done(q);
    return no;
}

/* ---- the event ------------------------------------------------------------------- */

struct import {
    struct db *db;
    int64_t newest; /* the greatest number a device has */
    unsigned lines, fresh, changed;
    bool conflict; /* well written, but not so */
};

static void bind_rest(struct db_query *q, unsigned at, const struct device_row *d)
{
    db_int(q, at, d->region);
    db_int(q, at + 1, d->tags);
    if (!sodium_is_zero(d->household, sizeof d->household)) {
        db_blob(q, at + 2, d->household, sizeof d->household);
    }
}

static void insert(struct import *in, const struct device_row *d)
{
    struct db_query *q =
        db_ask(in->db, "INSERT INTO devices (no, id, class, key, hw_rev, region, tags,"
                       " household) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

    in->newest++;
    in->fresh++;
    db_int(q, 0, in->newest);
    db_blob(q, 1, d->id, sizeof d->id);
    db_blob(q, 2, d->class_id, sizeof d->class_id);
    db_blob(q, 3, d->key, sizeof d->key);
    db_int(q, 4, d->hw_rev);
    bind_rest(q, 5, d);
    db_do(q);
}

static void update(struct import *in, int64_t no, const struct device_row *d)
{
    struct db_query *q = db_ask(
        in->db, "UPDATE devices SET region = ?, tags = ?, household = ? WHERE no = ?");

    in->changed++;
    bind_rest(q, 0, d);
    db_int(q, 3, no);
    db_do(q);
}

/* The bytes of a column, or as many zeros. */
static void get_bytes(const struct db_query *q, unsigned column, uint8_t *to,
                      size_t len)
{
    size_t got;
    const uint8_t *bytes = db_get_blob(q, column, &got);

    memset(to, 0, len);
    if (got == len) {
        memcpy(to, bytes, len);
    }
}

/* The row that is there, as a line that says everything. Returns its number, or 0. */
static int64_t find(struct db *db, const uint8_t id[16], struct device_row *d)
{
    struct db_query *q = db_ask(db, "SELECT no, class, key, hw_rev, region, tags,"
                                    " household FROM devices WHERE id = ?");
    int64_t no = 0;

    db_blob(q, 0, id, 16);
    if (db_next(q)) {
        no = db_get_int(q, 0);
        get_bytes(q, 1, d->class_id, sizeof d->class_id);
        get_bytes(q, 2, d->key, sizeof d->key);
        d->hw_rev = (uint32_t)db_get_int(q, 3);
        d->region = (uint32_t)db_get_int(q, 4);
        d->tags = (uint32_t)db_get_int(q, 5);
        get_bytes(q, 6, d->household, sizeof d->household);
    }
    db_done(q);
    return no;
}

/* What was burned at the factory and is another now; NULL: nothing. */
static const char *burned_otherwise(const struct device_row *was,
                                    const struct device_row *d)
{
    return memcmp(was->class_id, d->class_id, sizeof d->class_id) != 0 ? "class"
           : memcmp(was->key, d->key, sizeof d->key) != 0              ? "key"
           : was->hw_rev != d->hw_rev                                  ? "hw_rev"
                                                                       : NULL;
}

/* The line fills in what it does not say from what is known. Is anything new in it? */
static bool merge(const struct device_row *was, struct device_row *d)
{
    if (!d->has_region) {
        d->region = was->region;
    }
    if (!d->has_tags) {
        d->tags = was->tags;
    }
    if (!d->has_household) {
        memcpy(d->household, was->household, sizeof d->household);
    }
    return d->region != was->region || d->tags != was->tags ||
           memcmp(d->household, was->household, sizeof d->household) != 0;
}

static bool import_row(void *ctx, const char *const *field, char *why, size_t cap)
{
    struct import *in = ctx;
    struct device_row d, was;

    if (!row_read(&d, field, why, cap)) {
        return false;
    }
    in->conflict = true; /* unless nothing of what follows is wrong */
    if (++in->lines > DEVICES_AT_ONCE) {
        snprintf(why, cap, "more than %u devices at once", DEVICES_AT_ONCE);
        return false;
    }
    int64_t no = find(in->db, d.id, &was);
    const char *other = no > 0 ? burned_otherwise(&was, &d) : NULL;
    if (other != NULL) {
        snprintf(why, cap, "device %s is known with another %s, which never changes",
                 field[ROW_ID], other);
        return false;
    }
    if (no == 0) {
        insert(in, &d);
    } else if (merge(&was, &d)) {
        update(in, no, &d);
    }
    in->conflict = false;
    snprintf(why, cap, "the database failed");
    return !db_failed(in->db);
}

static int64_t greatest(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT no FROM devices ORDER BY no DESC LIMIT 1");
    int64_t no = db_next(q) ? db_get_int(q, 0) : 0;

    db_done(q);
    return no;
}

void devices_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    struct import in = {.db = db, .newest = greatest(db)};
    char why[200], where[24] = "";
    (void)seq;

    if (!table_parse(e->body, e->len, row_columns, ROW_COLUMNS, import_row, &in, why,
                     sizeof why)) {
        size_t line = strcspn(why, ":"); /* "line 7: what is wrong" */
        snprintf(where, sizeof where, "%.*s", (int)line, why);
        outcome_say(o, in.conflict ? 422 : 400, where, "%s", why);
        return;
    }
    outcome_say(o, 200, "", "%s", "");
    o->answer = json_pack("{sI sI sI sI}", "devices", (json_int_t)in.lines, "new",
                          (json_int_t)in.fresh, "changed", (json_int_t)in.changed,
                          "same", (json_int_t)(in.lines - in.fresh - in.changed));
}

/* ---- long files ------------------------------------------------------------------ */

static bool count_row(void *ctx, const char *const *field, char *why, size_t cap)
{
    struct device_row d;

    ++*(size_t *)ctx;
    return row_read(&d, field, why, cap);
}

bool devices_count(const char *path, size_t *devices, char *why, size_t cap)
{
    *devices = 0;
    return table_read(path, row_columns, ROW_COLUMNS, count_row, devices, why, cap);
}

#define ROW_TEXT_MAX 512U /* of what row_read() lets through */

struct split {
    bool (*each)(void *ctx, const char *csv, size_t len, unsigned devices);
    void *ctx;
    char *csv;
    size_t len;
    unsigned rows;
    bool stopped;
};

static void begin_piece(struct split *s)
{
    s->rows = 0;
    s->len = (size_t)sprintf(s->csv, "id,class,key,hw_rev,region,tags,household\n");
}

static bool end_piece(struct split *s)
{
    s->stopped = s->rows > 0 && !s->each(s->ctx, s->csv, s->len, s->rows);
    begin_piece(s);
    return !s->stopped;
}

static bool split_row(void *ctx, const char *const *field, char *why, size_t cap)
{
    struct split *s = ctx;
    struct device_row d;

    if (!row_read(&d, field, why, cap)) {
        return false;
    }
    s->len += (size_t)snprintf(s->csv + s->len, ROW_TEXT_MAX, "%s,%s,%s,%s,%s,%s,%s\n",
                               field[ROW_ID], field[ROW_CLASS], field[ROW_KEY],
                               field[ROW_HW_REV], field[ROW_REGION], field[ROW_TAGS],
                               field[ROW_HOUSEHOLD]);
    snprintf(why, cap, "stopped here");
    return ++s->rows < DEVICES_AT_ONCE || end_piece(s);
}

bool devices_split(const char *path,
                   bool (*each)(void *ctx, const char *csv, size_t len,
                                unsigned devices),
                   void *ctx, char *why, size_t cap)
{
    struct split s = {.each = each, .ctx = ctx};

    s.csv = malloc((DEVICES_AT_ONCE + 1) * ROW_TEXT_MAX);
    if (s.csv == NULL) {
        snprintf(why, cap, "no memory");
        return false;
    }
    begin_piece(&s);
    bool good = table_read(path, row_columns, ROW_COLUMNS, split_row, &s, why, cap) &&
                end_piece(&s);
    free(s.csv);
    return good;
}
