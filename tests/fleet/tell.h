/* SPDX-License-Identifier: Apache-2.0
 *
 * Events for tests: one in a transaction of its own, from its text. Knows base.h's
 * databases, and some devices with names that are easy to tell apart. */
#ifndef FERRY_TEST_FLEET_TELL_H
#define FERRY_TEST_FLEET_TELL_H

#include "base.h"
#include "event.h"

#define CSV_NAMES "id,class,key,hw_rev,region,tags,household\n"
#define CLASS_HEX "c1a55000000000000000000000000001"
#define KEY_HEX "5866666666666666666666666666666666666666666666666666666666666666"
#define AT 1800000000 /* fleet time, in most tests */

static inline struct outcome tell_about(struct db *db, enum event_kind kind,
                                        int64_t device, const char *body)
{
    struct event e = {kind, AT, "test", "192.0.2.7", device, body, strlen(body)};
    struct outcome o;

    assert_true(db_begin(db));
    event_apply(db, &e, &o);
    if (!db_commit(db)) {
        fail_msg("%s", db_why(db));
    }
    return o;
}

/* It must go well; says why if it does not. */
static inline void tell(struct db *db, enum event_kind kind, const char *body)
{
    struct outcome o = tell_about(db, kind, 0, body);

    if (o.status < 200 || o.status >= 300) {
        fail_msg("%u %s: %s", o.status, o.where, o.why);
    }
    json_decref(o.answer);
}

/* It must not: of the status, and with these words. */
static inline void refused(struct db *db, enum event_kind kind, const char *body,
                           unsigned status, const char *where, const char *why)
{
    struct outcome o = tell_about(db, kind, 0, body);

    if (o.status != status || strcmp(o.where, where) != 0 ||
        strstr(o.why, why) == NULL) {
        fail_msg("%u %s: %s\nof %.300s", o.status, o.where, o.why, body);
    }
    assert_null(o.answer);
}

/* "...0001", "...0002" and so on: devices with the ids 1 to n, all of one class. */
static inline void tell_devices(struct db *db, unsigned n)
{
    char csv[20000];
    int len = snprintf(csv, sizeof csv, CSV_NAMES);

    for (unsigned i = 1; i <= n; i++) {
        len += snprintf(csv + len, sizeof csv - (size_t)len,
                        "%032x," CLASS_HEX "," KEY_HEX ",%u,,,\n", i, 1 + i % 4);
        assert_true(len < (int)sizeof csv);
    }
    tell(db, EVENT_DEVICES, csv);
}

/* The one number that a query without parameters gives. */
static inline int64_t number_of(struct db *db, const char *sql)
{
    struct db_query *q = db_ask(db, sql);
    int64_t n = db_next(q) ? db_get_int(q, 0) : INT64_MIN;

    db_done(q);
    return n;
}

#endif
