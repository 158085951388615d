/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the streams are numbered and never change, so a count of those up to a number
 * holds for ever. */
#include "counts.h"

#include <stdlib.h>

#include "security.h"

#define DAY_H 24

/* As the last look left them: {"hour", "seen_24h", "offers", "security", "reports",
 * "security_to", "reports_to"}; of nothing if there was none. */
static json_t *kept(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT counts FROM figures WHERE rollout = 0");
    json_t *counts = db_next(q) ? json_loads(db_get_text(q, 0), 0, NULL) : NULL;

    db_done(q);
    return counts != NULL ? counts
                          : json_pack("{s{} s{} si si}", "security", "reports",
                                      "security_to", 0, "reports_to", 0);
}

static int64_t number_in(const json_t *counts, const char *name)
{
    return json_integer_value(json_object_get(counts, name));
}

static void add(json_t *to, const char *name, int64_t n)
{
    json_object_set_new(to, name, json_integer(number_in(to, name) + n));
}

static void add_security(struct db *db, json_t *counts)
{
    json_t *to = json_object_get(counts, "security");
    int64_t newest = number_in(counts, "security_to");
    struct db_query *q =
        db_ask(db, "SELECT kind, CAST(sum(times) AS BIGINT), max(seq) FROM security"
                   " WHERE seq > ? GROUP BY kind ORDER BY kind");

    db_int(q, 0, newest);
    while (db_next(q)) {
        add(to, security_name((enum security_kind)db_get_int(q, 0)), db_get_int(q, 1));
        newest = db_get_int(q, 2) > newest ? db_get_int(q, 2) : newest;
    }
    json_object_set_new(counts, "security_to", json_integer(newest));
}

static void add_reports(struct db *db, json_t *counts)
{
    json_t *to = json_object_get(counts, "reports");
    int64_t newest = number_in(counts, "reports_to");
    struct db_query *q =
        db_ask(db, "SELECT outcome, count(*), max(seq) FROM reports WHERE seq > ?"
                   " GROUP BY outcome ORDER BY outcome");

    db_int(q, 0, newest);
    while (db_next(q)) {
        add(to, db_get_text(q, 0), db_get_int(q, 1));
        newest = db_get_int(q, 2) > newest ? db_get_int(q, 2) : newest;
    }
    json_object_set_new(counts, "reports_to", json_integer(newest));
}

/* To the last row of both, which is noted. */
static json_t *counted(struct db *db)
{
    json_t *counts = kept(db);

    add_security(db, counts);
    add_reports(db, counts);
    return counts;
}

json_t *counts_now(struct db *db)
{
    json_t *counts = counted(db);

    json_object_del(counts, "security_to");
    json_object_del(counts, "reports_to");
    return counts;
}

/* The answer to a query for one number. */
static json_t *count(struct db_query *q)
{
    int64_t n = db_next(q) ? db_get_int(q, 0) : 0;

    db_done(q);
    return json_integer(n);
}

static void count_fleet(struct db *db, int64_t now, json_t *counts)
{
    struct db_query *seen = db_ask(db, "SELECT count(*) FROM states WHERE seen > ?");
    struct db_query *offers =
        db_ask(db, "SELECT count(*) FROM offers WHERE expires > ?");

    db_int(seen, 0, now / 3600 - DAY_H);
    json_object_set_new(counts, "seen_24h", count(seen));
    db_int(offers, 0, now);
    json_object_set_new(counts, "offers", count(offers));
}

json_t *counts_all(struct db *db, int64_t now)
{
    json_t *counts = counts_now(db);

    if (json_object_get(counts, "hour") == NULL) {
        count_fleet(db, now, counts);
    }
    /* They are numbered one by one, and none ever goes. */
    json_object_set_new(counts, "devices",
                        count(db_ask(db, "SELECT max(no) FROM devices")));
    return counts;
}

void counts_keep(struct db *db, int32_t hour)
{
    json_t *counts = counted(db);

    count_fleet(db, ((int64_t)hour + 1) * 3600, counts);
    json_object_set_new(counts, "hour", json_integer(hour));
    char *text = json_dumps(counts, JSON_COMPACT);
    struct db_query *q = db_ask(
        db,
        "INSERT INTO figures (rollout, counts, shares, curves) VALUES (0, ?, '', '')"
        " ON CONFLICT (rollout) DO UPDATE SET counts = excluded.counts");
    db_text(q, 0, text != NULL ? text : "");
    db_do(q);
    free(text);
    json_decref(counts);
}
