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

static const char *kind_of(const struct db_query *q)
{
    return security_name((enum security_kind)db_get_int(q, 0));
}

static const char *outcome_of(const struct db_query *q)
{
    return db_get_text(q, 0);
}

/* "to": the member that says up to which row. Rows: kind, how many, and the last one. */
static const struct stream {
    const char *name, *to, *sql;
    const char *(*kind)(const struct db_query *q);
} streams[] = {
    {"security", "security_to",
     "SELECT kind, CAST(sum(times) AS BIGINT), max(seq) FROM security WHERE seq > ?"
     " GROUP BY kind ORDER BY kind",
     kind_of},
    {"reports", "reports_to",
     "SELECT outcome, count(*), max(seq) FROM reports WHERE seq > ?"
     " GROUP BY outcome ORDER BY outcome",
     outcome_of},
};
#define STREAMS (sizeof streams / sizeof streams[0])

/* What came since. */
static void add_rows(struct db *db, const struct stream *s, json_t *counts)
{
    json_t *of = json_object_get(counts, s->name);
    int64_t to = number_in(counts, s->to);
    struct db_query *q = db_ask(db, s->sql);

    db_int(q, 0, to);
    while (db_next(q)) {
        const char *kind = s->kind(q);
        int64_t n = number_in(of, kind) + db_get_int(q, 1);
        json_object_set_new(of, kind, json_integer(n));
        to = db_get_int(q, 2) > to ? db_get_int(q, 2) : to;
    }
    json_object_set_new(counts, s->to, json_integer(to));
}

/* To the last row of both, which is noted. */
static json_t *counted(struct db *db)
{
    json_t *counts = kept(db);

    for (size_t i = 0; i < STREAMS; i++) {
        add_rows(db, &streams[i], counts);
    }
    return counts;
}

json_t *counts_now(struct db *db)
{
    json_t *counts = counted(db);

    for (size_t i = 0; i < STREAMS; i++) {
        json_object_del(counts, streams[i].to);
    }
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
