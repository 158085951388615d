/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of the columns. */
#include "state.h"

#include <string.h>

/* `to` stays zero where the column is NULL or shorter. */
static void get_bytes(const struct db_query *q, unsigned column, uint8_t *to,
                      size_t cap)
{
    size_t len;
    const uint8_t *bytes = db_get_blob(q, column, &len);

    if (bytes != NULL) {
        memcpy(to, bytes, len < cap ? len : cap);
    }
}

static uint32_t get_number(const struct db_query *q, unsigned column)
{
    return (uint32_t)db_get_int(q, column);
}

/* From column 6 on. */
static void get_said(const struct db_query *q, struct state *s)
{
    s->is.version = get_number(q, 6);
    get_bytes(q, 7, s->digest, sizeof s->digest);
    s->is.floor = get_number(q, 8);
    s->is.grave = get_number(q, 9);
    s->counters.greatest = get_number(q, 10);
    s->counters.heard = (uint64_t)db_get_int(q, 11);
    s->again = (int32_t)db_get_int(q, 12);
    s->life.seen = (int32_t)db_get_int(q, 13);
    get_bytes(q, 14, s->life.hours, sizeof s->life.hours);
    s->resets = get_number(q, 15);
    s->outcome = get_number(q, 16);
    s->outcome_version = get_number(q, 17);
    s->attempts = get_number(q, 18);
    s->updates = get_number(q, 19);
    s->rollbacks = get_number(q, 20);
    s->bad_signatures = get_number(q, 21);
    get_bytes(q, 22, s->refusals, sizeof s->refusals);
    s->transfers_bad = get_number(q, 23);
    s->rollout = db_get_int(q, 24);
    s->newest = db_get_int(q, 25);
    s->heard = s->counters.heard != 0;
}

bool state_load(struct db *db, int64_t device, struct state *s)
{
    struct db_query *q = db_ask(
        db, "SELECT id, class, hw_rev, region, tags, household, version, digest, floor,"
            " grave, counter, heard_window, again, seen, hours, resets, outcome,"
            " outcome_version, attempts, updates, rollbacks, bad_signatures, refusals,"
            " transfers_bad, rollout, newest"
            " FROM devices LEFT JOIN states ON device = no WHERE no = ?");

    memset(s, 0, sizeof *s);
    s->no = device;
    s->life.seen = -1;
    db_int(q, 0, device);
    if (!db_next(q)) {
        return false;
    }
    get_bytes(q, 0, s->is.id, sizeof s->is.id);
    get_bytes(q, 1, s->is.class_id, sizeof s->is.class_id);
    s->is.hw_rev = get_number(q, 2);
    s->is.region = get_number(q, 3);
    s->is.tags = get_number(q, 4);
    get_bytes(q, 5, s->is.group, sizeof s->is.group);
    if (!db_get_null(q, 6)) {
        get_said(q, s);
    }
    db_done(q);
    return true;
}

/* The log has made the row already, and keeps its `newest`. */
void state_save(struct db *db, const struct state *s, const char *app, int64_t at)
{
    struct db_query *q = db_ask(
        db, "UPDATE states SET version = ?, digest = ?, floor = ?, grave = ?,"
            " counter = ?, heard_window = ?, again = ?, seen = ?, hours = ?,"
            " resets = ?, outcome = ?, outcome_version = ?, attempts = ?, updates = ?,"
            " rollbacks = ?, bad_signatures = ?, transfers_bad = ?, refusals = ?,"
            " app = ?, heard_at = ?, rollout = ? WHERE device = ?");
    const int64_t numbers[] = {s->resets,         s->outcome,      s->outcome_version,
                               s->attempts,       s->updates,      s->rollbacks,
                               s->bad_signatures, s->transfers_bad};

    db_int(q, 0, s->is.version);
    db_blob(q, 1, s->digest, sizeof s->digest);
    db_int(q, 2, s->is.floor);
    db_int(q, 3, s->is.grave);
    db_int(q, 4, s->counters.greatest);
    db_int(q, 5, (int64_t)s->counters.heard);
    db_int(q, 6, s->again);
    db_int(q, 7, s->life.seen);
    db_blob(q, 8, s->life.hours, sizeof s->life.hours);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        db_int(q, 9 + i, numbers[i]);
    }
    db_blob(q, 17, s->refusals, sizeof s->refusals);
    db_text(q, 18, app);
    db_int(q, 19, at);
    db_int(q, 20, s->rollout);
    db_int(q, 21, s->no);
    db_do(q);
}
