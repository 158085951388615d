/* SPDX-License-Identifier: Apache-2.0
 *
 * From a kind to its part, between the log's row and the answer. */
#include "event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

void outcome_say(struct outcome *o, unsigned status, const char *where, const char *why,
                 ...)
{
    va_list values;

    o->status = status;
    snprintf(o->where, sizeof o->where, "%s", where);
    va_start(values, why);
    vsnprintf(o->why, sizeof o->why, why, values);
    va_end(values);
}

/* Without a default: the compiler names the forgotten one. */
static event_part *part_of(enum event_kind kind)
{
    switch (kind) {
    case EVENT_DEVICES:
        return devices_apply;
    case EVENT_RELEASE:
        return release_apply;
    case EVENT_WITHDRAW:
        return withdraw_apply;
    case EVENT_ROLLOUT:
        return rollout_apply;
    case EVENT_ACT:
        return act_apply;
    case EVENT_WAIVE:
        return waive_apply;
    case EVENT_STATEMENT:
        return statement_apply;
    case EVENT_REPORT:
        return report_apply;
    case EVENT_SECURITY:
        return security_apply;
    case EVENT_TICK:
        return tick_apply;
    case EVENT_TOKEN:
        return token_apply;
    }
    return NULL;
}

/* The database's failure goes before whatever the part made of it. */
static void judge(struct db *db, struct outcome *o)
{
    bool failed = db_failed(db);

    if (!failed && o->status >= 200 && o->status < 300) {
        return;
    }
    json_decref(o->answer);
    o->answer = NULL;
    if (failed) {
        outcome_say(o, 500, "", "%.230s", db_why(db));
    } else if (o->status == 0) {
        outcome_say(o, 500, "", "an event that came to no end");
    }
}

void event_apply(struct db *db, const struct event *e, struct outcome *o)
{
    event_part *part = part_of(e->kind);
    struct event kept = *e;

    memset(o, 0, sizeof *o);
    if (e->kind == EVENT_STATEMENT) {
        kept.relay = ""; /* what is not in the log must not decide anything */
    }
    db_save(db);
    int64_t seq = log_append(db, &kept);
    if (seq > 0 && part != NULL) {
        part(db, &kept, seq, o);
    }
    judge(db, o);
    if (o->status >= 200 && o->status < 300 && db_keep(db)) {
        return;
    }
    judge(db, o);
    db_take_back(db);
}
