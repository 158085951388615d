/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes as a stream, latest first: security events; transfer reports, which are
 * another thing; and the audit log. Also releases, and counts of the whole fleet. */
#include <string.h>

#include "../model/counts.h"
#include "../model/event.h"
#include "../model/security.h"
#include "../rollout/rollout.h"
#include "view_in.h"

/* ---- streams --------------------------------------------------------------------- */

/* A page of a query that is asked for what is before a number. */
static json_t *stream(struct db_query *q, int64_t before, const char *name,
                      json_t *(*row)(const struct db_query *q))
{
    json_t *rows = json_array();

    db_int(q, 0, before > 0 ? before : INT64_MAX); /* first: what is latest */
    while (db_next(q)) {
        json_array_append_new(rows, row(q));
    }
    return view_list(name, rows);
}

static json_t *security_row(const struct db_query *q)
{
    enum security_kind kind = (enum security_kind)db_get_int(q, 2);
    json_t *device = as_hex_column(q, 7);
    json_t *claimed = as_hex_column(q, 3);

    return json_pack("{sI so ss ss so so so sI so}", "seq",
                     (json_int_t)db_get_int(q, 0), "at", as_time(db_get_int(q, 1)),
                     "kind", security_name(kind), "means", security_means(kind),
                     "device", device, "claimed", claimed, "relay",
                     as_text(db_get_text(q, 4)), "times", (json_int_t)db_get_int(q, 5),
                     "body", as_json(db_get_text(q, 6)));
}

/* "security" or "reports": how many there were of each kind. */
static void tell_counts(struct db *db, const char *of, json_t *told)
{
    json_t *counts = counts_now(db);

    json_object_set(told, "counts", json_object_get(counts, of));
    json_decref(counts);
}

json_t *view_security(struct db *db, int64_t before)
{
    struct db_query *q = db_ask(
        db, "SELECT s.seq, s.at, s.kind, s.claimed, s.relay, s.times, s.body, d.id"
            " FROM security s LEFT JOIN devices d ON d.no = s.device WHERE s.seq < ?"
            " ORDER BY s.seq DESC LIMIT 101");
    json_t *told = stream(q, before, "events", security_row);

    tell_counts(db, "security", told);
    return view_end(db, told);
}

static json_t *report_row(const struct db_query *q)
{
    return json_pack(
        "{sI so so so so ss sI sI sI sI so}", "seq", (json_int_t)db_get_int(q, 0), "at",
        as_time(db_get_int(q, 1)), "device", as_hex_column(q, 10), "rollout",
        db_get_int(q, 2) > 0 ? json_integer(db_get_int(q, 2)) : json_null(), "relay",
        as_text(db_get_text(q, 3)), "outcome", db_get_text(q, 4), "code",
        (json_int_t)db_get_int(q, 5), "bytes", (json_int_t)db_get_int(q, 6), "resumes",
        (json_int_t)db_get_int(q, 7), "seconds", (json_int_t)db_get_int(q, 8), "app",
        as_text(db_get_text(q, 9)));
}

json_t *view_reports(struct db *db, int64_t before)
{
    struct db_query *q = db_ask(
        db, "SELECT r.seq, r.at, r.rollout, r.relay, r.outcome, r.code, r.bytes,"
            " r.resumes, r.seconds, r.app, d.id FROM reports r LEFT JOIN devices d"
            " ON d.no = r.device WHERE r.seq < ? ORDER BY r.seq DESC LIMIT 101");
    json_t *told = stream(q, before, "reports", report_row);

    tell_counts(db, "reports", told);
    return view_end(db, told);
}

static json_t *audit_row(const struct db_query *q)
{
    size_t len;
    const uint8_t *body = db_get_blob(q, 4, &len);

    return json_pack(
        "{sI so ss so so so}", "seq", (json_int_t)db_get_int(q, 0), "at",
        as_time(db_get_int(q, 1)), "kind", view_event_name(db_get_int(q, 2)), "who",
        as_text(db_get_text(q, 3)), "what",
        view_event_body(db_get_int(q, 2), body, len), "hash", as_hex_column(q, 5));
}

/* What people did, with the hash that chains it to everything before. */
json_t *view_audit(struct db *db, int64_t before)
{
    struct db_query *q =
        db_ask(db, "SELECT seq, at, kind, actor, body, hash FROM log WHERE seq < ? AND"
                   " kind IN (1, 2, 3, 4, 5, 6, 11) ORDER BY seq DESC LIMIT 101");

    return view_end(db, stream(q, before, "events", audit_row));
}

/* ---- releases -------------------------------------------------------------------- */

static json_t *release_row(const struct db_query *q)
{
    json_t *body = as_json(db_get_text(q, 10));
    json_t *told = json_pack(
        "{sI so so sI sI so sI sI sb so}", "no", (json_int_t)db_get_int(q, 0), "class",
        as_hex_column(q, 1), "version", as_version(db_get_int(q, 2)), "sec_ctr",
        (json_int_t)db_get_int(q, 3), "slot", (json_int_t)db_get_int(q, 4), "min_from",
        db_get_int(q, 5) > 0 ? as_version(db_get_int(q, 5)) : json_null(), "hw_min",
        (json_int_t)db_get_int(q, 6), "hw_max", (json_int_t)db_get_int(q, 7),
        "must_pass", db_get_int(q, 8) != 0, "withdrawn",
        db_get_null(q, 9) ? json_null() : as_time(db_get_int(q, 9)));

    json_object_set(told, "published", json_object_get(body, "published"));
    json_object_set(told, "artifacts", json_object_get(body, "artifacts"));
    json_decref(body);
    return told;
}

json_t *view_releases(struct db *db)
{
    json_t *list = json_array();
    struct db_query *q = db_ask(
        db, "SELECT no, class, version, sec_ctr, slot, min_from, hw_min, hw_max, pass,"
            " withdrawn_at, body FROM releases ORDER BY class, version DESC");

    while (db_next(q)) {
        json_array_append_new(list, release_row(q));
    }
    return view_end(db, json_pack("{so}", "releases", list));
}

/* ---- the whole fleet ------------------------------------------------------------- */

static json_t *rollout_counts(struct db *db)
{
    json_t *counts = json_object();
    struct db_query *q = db_ask(
        db, "SELECT state, count(*) FROM rollouts GROUP BY state ORDER BY state");

    for (int s = ROLLOUT_DRAFT; s <= ROLLOUT_DONE; s++) {
        json_object_set_new(counts, rollout_state_name((enum rollout_state)s),
                            json_integer(0));
    }
    while (db_next(q)) {
        json_object_set_new(counts,
                            rollout_state_name((enum rollout_state)db_get_int(q, 0)),
                            json_integer(db_get_int(q, 1)));
    }
    return counts;
}

json_t *view_fleet(struct db *db, int64_t now)
{
    struct db_query *newest = db_ask(db, "SELECT max(seq) FROM log");
    struct db_query *tick = db_ask(db, "SELECT max(ticked) FROM rollouts");
    json_t *fleet = counts_all(db, now);

    json_t *hour = json_object_get(fleet, "hour");
    json_object_set_new(fleet, "counted",
                        hour != NULL ? as_hour(json_integer_value(hour))
                                     : as_time(now));
    json_object_del(fleet, "hour");
    json_object_set_new(fleet, "now", as_time(now));
    json_object_set_new(fleet, "rollouts", rollout_counts(db));
    json_object_set_new(fleet, "log", json_integer(view_count(newest)));
    json_object_set_new(fleet, "ticked", as_hour(view_count(tick)));
    return view_end(db, fleet);
}
