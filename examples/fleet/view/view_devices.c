/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices: found by the beginning of their ids; what each says of itself, what it was
 * offered, and what happened to it, newest first. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "../model/event.h"
#include "../rollout/cohort.h"
#include "view_in.h"

#define ID_LEN COHORT_ID_LEN
#define HISTORY_MAX 200 /* events */

/* ---- finding --------------------------------------------------------------------- */

/* Hexadecimal digits and dashes, as a UUID has them; filled up with `fill`. */
static bool id_of(const char *hex, char fill, uint8_t id[ID_LEN])
{
    char text[2 * ID_LEN + 1];
    size_t len = 0, got = 0;

    for (; *hex != '\0'; hex++) {
        if (*hex == '-' || *hex == ' ') {
            continue;
        }
        if (len == 2 * ID_LEN) {
            return false;
        }
        text[len++] = *hex;
    }
    memset(text + len, fill, 2 * ID_LEN - len);
    text[2 * ID_LEN] = '\0';
    return sodium_hex2bin(id, ID_LEN, text, 2 * ID_LEN, NULL, &got, NULL) == 0 &&
           got == ID_LEN;
}

static json_t *found(struct db *db, const uint8_t low[ID_LEN],
                     const uint8_t high[ID_LEN])
{
    json_t *list = json_array();
    struct db_query *q = db_ask(
        db, "SELECT d.id, d.class, d.hw_rev, d.region, s.version, s.seen, s.rollout"
            " FROM devices d LEFT JOIN states s ON s.device = d.no WHERE d.id >= ? AND"
            " d.id <= ? ORDER BY d.id LIMIT 101");

    db_blob(q, 0, low, ID_LEN);
    db_blob(q, 1, high, ID_LEN);
    while (db_next(q)) {
        bool heard = !db_get_null(q, 4);
        json_array_append_new(
            list,
            json_pack("{so so sI sI so so so}", "id", as_hex_column(q, 0), "class",
                      as_hex_column(q, 1), "hw_rev", (json_int_t)db_get_int(q, 2),
                      "region", (json_int_t)db_get_int(q, 3), "version",
                      heard ? as_version(db_get_int(q, 4)) : json_null(), "seen",
                      heard ? as_hour(db_get_int(q, 5)) : json_null(), "rollout",
                      heard && db_get_int(q, 6) > 0 ? json_integer(db_get_int(q, 6))
                                                    : json_null()));
    }
    return list;
}

json_t *view_devices(struct db *db, const char *id_prefix_hex)
{
    uint8_t low[ID_LEN], high[ID_LEN];
    json_t *list;

    if (id_of(id_prefix_hex, '0', low) && id_of(id_prefix_hex, 'f', high)) {
        list = found(db, low, high);
    } else {
        list = json_array();
    }
    bool more = json_array_size(list) > VIEW_PAGE;
    if (more) {
        json_array_remove(list, VIEW_PAGE);
    }
    return view_end(db, json_pack("{so sb}", "devices", list, "more", more));
}

/* ---- one of them ----------------------------------------------------------------- */

static json_t *tags(int64_t bits)
{
    json_t *list = json_array();

    for (int tag = 0; tag < 32; tag++) {
        if (bits >> tag & 1) {
            json_array_append_new(list, json_integer(tag));
        }
    }
    return list;
}

static json_t *made(const struct db_query *q)
{
    return json_pack("{so so so sI sI so so}", "id", as_hex_column(q, 1), "class",
                     as_hex_column(q, 2), "key", as_hex_column(q, 3), "hw_rev",
                     (json_int_t)db_get_int(q, 4), "region",
                     (json_int_t)db_get_int(q, 5), "tags", tags(db_get_int(q, 6)),
                     "household", as_hex_column(q, 7));
}

/* What it last said of itself. */
static json_t *said(const struct db_query *q)
{
    int64_t floor = db_get_int(q, 1);

    return json_pack(
        "{so s{sIsI} so sI so so so sI ss so sI sI sI sI sI so so so}", "version",
        as_version(db_get_int(q, 0)), "floor", "slot", (json_int_t)(floor >> 24),
        "sec_ctr", (json_int_t)(floor & 0xFFFFFF), "grave",
        db_get_int(q, 2) > 0 ? as_version(db_get_int(q, 2)) : json_null(), "counter",
        (json_int_t)db_get_int(q, 3), "seen", as_hour(db_get_int(q, 4)), "hours",
        as_hex_column(q, 5), "heard", as_time(db_get_int(q, 6)), "resets",
        (json_int_t)db_get_int(q, 7), "outcome", view_outcome_name(db_get_int(q, 8)),
        "outcome_version",
        db_get_int(q, 9) > 0 ? as_version(db_get_int(q, 9)) : json_null(), "attempts",
        (json_int_t)db_get_int(q, 10), "updates", (json_int_t)db_get_int(q, 11),
        "rollbacks", (json_int_t)db_get_int(q, 12), "bad_signatures",
        (json_int_t)db_get_int(q, 13), "transfers_bad", (json_int_t)db_get_int(q, 14),
        "refusals", as_hex_column(q, 15), "app", as_text(db_get_text(q, 16)), "rollout",
        db_get_int(q, 17) > 0 ? json_integer(db_get_int(q, 17)) : json_null());
}

static json_t *state(struct db *db, int64_t device, int64_t *newest)
{
    struct db_query *q = db_ask(
        db, "SELECT version, floor, grave, counter, seen, hours, heard_at, resets,"
            " outcome, outcome_version, attempts, updates, rollbacks, bad_signatures,"
            " transfers_bad, refusals, app, rollout, newest FROM states"
            " WHERE device = ?");

    db_int(q, 0, device);
    bool heard = db_next(q);
    json_t *told = heard && db_get_int(q, 6) > 0 ? said(q) : json_null();
    *newest = heard ? db_get_int(q, 18) : 0;
    db_done(q);
    return told;
}

static json_t *offer(struct db *db, int64_t device)
{
    struct db_query *q = db_ask(
        db, "SELECT o.rollout, r.version, o.first_at, o.at, o.expires FROM offers o"
            " JOIN releases r ON r.no = o.release WHERE o.device = ?");

    db_int(q, 0, device);
    json_t *told =
        !db_next(q)
            ? json_null()
            : json_pack("{sI so so so so}", "rollout", (json_int_t)db_get_int(q, 0),
                        "version", as_version(db_get_int(q, 1)), "first",
                        as_time(db_get_int(q, 2)), "last", as_time(db_get_int(q, 3)),
                        "expires", as_time(db_get_int(q, 4)));
    db_done(q);
    return told;
}

static json_t *exposures(struct db *db, int64_t device)
{
    json_t *list = json_array();
    struct db_query *q = db_ask(
        db, "SELECT e.rollout, e.treated, e.began, e.seen, e.quit, e.silent, e.reset"
            " FROM rollouts r JOIN exposures e ON e.rollout = r.no AND e.device = ?"
            " ORDER BY r.no DESC");

    db_int(q, 0, device);
    while (db_next(q)) {
        json_array_append_new(
            list,
            json_pack("{sI ss so so so so sb}", "rollout", (json_int_t)db_get_int(q, 0),
                      "arm", db_get_int(q, 1) ? "treated" : "control", "began",
                      as_hour(db_get_int(q, 2)), "seen", as_hour(db_get_int(q, 3)),
                      "left", as_hour(db_get_int(q, 4)), "silent",
                      as_hour(db_get_int(q, 5)), "reset", db_get_int(q, 6) != 0));
    }
    return list;
}

/* Along the log's chain of this device's events. */
static json_t *history(struct db *db, int64_t newest)
{
    json_t *list = json_array();
    struct db_query *q =
        db_ask(db, "SELECT at, kind, actor, before, body FROM log WHERE seq = ?");

    for (int n = 0; n < HISTORY_MAX && newest > 0; n++) {
        db_int(q, 0, newest);
        if (!db_next(q)) {
            break;
        }
        size_t len;
        const uint8_t *body = db_get_blob(q, 4, &len);
        json_array_append_new(list,
                              json_pack("{sI so ss so so}", "seq", (json_int_t)newest,
                                        "at", as_time(db_get_int(q, 0)), "kind",
                                        view_event_name(db_get_int(q, 1)), "actor",
                                        as_text(db_get_text(q, 2)), "says",
                                        view_event_body(db_get_int(q, 1), body, len)));
        newest = db_get_int(q, 3);
        db_done(q);
    }
    return list;
}

json_t *view_device(struct db *db, const char *id_hex)
{
    uint8_t id[ID_LEN], same[ID_LEN];
    int64_t newest = 0;

    if (!id_of(id_hex, '0', id) || !id_of(id_hex, 'f', same) ||
        memcmp(id, same, ID_LEN) != 0) {
        return NULL; /* a part of one */
    }
    struct db_query *q = db_ask(db, "SELECT no, id, class, key, hw_rev, region, tags,"
                                    " household FROM devices WHERE id = ?");
    db_blob(q, 0, id, ID_LEN);
    if (!db_next(q)) {
        return NULL;
    }
    int64_t no = db_get_int(q, 0);
    json_t *told = made(q);
    db_done(q);
    json_object_set_new(told, "state", state(db, no, &newest));
    json_object_set_new(told, "offer", offer(db, no));
    json_object_set_new(told, "exposures", exposures(db, no));
    json_object_set_new(told, "history", history(db, newest));
    return view_end(db, told);
}
