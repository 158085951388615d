/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stage waits for, from exposures, the last look at them, and waivers. The same
 * for those who look and for the act of advancing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exposure.h"
#include "rollouts.h"

#define CONTROL_MIN 30 /* so many aged units held back tell what share is active */
#define SHARE_UNKNOWN 0.7

/* ---- evidence -------------------------------------------------------------------- */

static void take_treated(const struct figures *f, struct rollout_wait *w)
{
    for (unsigned v = 0; v < w->facets; v++) {
        w->of[v].treated = (uint32_t)f->revision[v].treated;
        w->evidence[v].aged = (uint32_t)f->revision[v].aged;
    }
}

/* The share of units held back that are active at the horizon. */
static double share_active(const struct figures *f)
{
    double share = f->control_aged >= CONTROL_MIN
                       ? (double)f->control_active / (double)f->control_aged
                       : SHARE_UNKNOWN;

    return share < 0.05 ? 0.05 : share > 0.99 ? 0.99 : share;
}

static bool is_waived(struct db *db, int64_t rollout, const char *name)
{
    struct db_query *q =
        db_ask(db, "SELECT 1 FROM waivers WHERE rollout = ? AND hw_rev = ?");
    char *end;

    db_int(q, 0, rollout);
    db_int(q, 1, (int64_t)strtoull(name, &end, 10));
    bool found = *end == '\0' && db_next(q);
    db_done(q);
    return found;
}

static bool is_alarmed(const struct health *h, unsigned cell)
{
    const bool *alarm = h->cell[cell].alarm;

    return alarm[HEALTH_SILENCE] || alarm[HEALTH_ACTIVITY] || alarm[HEALTH_RESETS];
}

/* About each revision that alarms; where none does and some other cell, about all. */
static void look_for_alarms(const struct health *h, struct rollout_wait *w)
{
    bool any = false, own = false;

    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        any |= is_alarmed(h, c);
    }
    for (unsigned i = 0; i < w->facets; i++) {
        w->evidence[i].alarm = is_alarmed(h, health_cell_of(HEALTH_HW_REV, i));
        own |= w->evidence[i].alarm;
    }
    for (unsigned i = 0; i < w->facets && any && !own; i++) {
        w->evidence[i].alarm = true;
    }
}

static void name_facets(struct db *db, int64_t rollout, struct rollout_wait *w)
{
    struct db_query *q = db_ask(db, "SELECT value, name FROM facet_values"
                                    " WHERE rollout = ? AND facet = 0 ORDER BY value");

    db_int(q, 0, rollout);
    while (w->facets < HEALTH_VALUES_MAX && db_next(q)) {
        w->of[w->facets].value = (unsigned)db_get_int(q, 0);
        snprintf(w->of[w->facets].name, sizeof w->of->name, "%.23s", db_get_text(q, 1));
        w->facets++;
    }
    db_done(q);
}

bool rollout_waits_by(struct db *db, const struct rollout_row *r, int32_t now_h,
                      const struct figures *f, struct rollout_wait *w)
{
    struct health h;

    memset(w, 0, sizeof *w);
    if (!exposure_health(db, r->no, &h)) {
        return false;
    }
    name_facets(db, r->no, w);
    take_treated(f, w);
    for (unsigned i = 0; i < w->facets; i++) {
        w->evidence[i].waived = is_waived(db, r->no, w->of[i].name);
    }
    look_for_alarms(&h, w);
    w->p = share_active(f);
    w->alpha = h.looks > 0 ? stats_tail(h.z_bound) : h.alpha / h.cells_len;
    w->gate = rollout_gate(&r->plan.ladder, now_h, w->p, w->alpha, w->evidence,
                           w->facets, &w->waits_for, &w->needed);
    return !db_failed(db);
}

bool rollout_waits(struct db *db, const struct rollout_row *r, int32_t now_h,
                   struct rollout_wait *w)
{
    struct figures f;

    return figures_now(db, r->no, now_h, &f) && rollout_waits_by(db, r, now_h, &f, w);
}

/* Then it is about no revision in particular. */
static bool all_alarm(const struct rollout_wait *w)
{
    for (unsigned i = 0; i < w->facets; i++) {
        if (!w->evidence[i].alarm) {
            return false;
        }
    }
    return true;
}

void rollout_wait_says(const struct rollout_row *r, const struct rollout_wait *w,
                       int32_t now_h, char *to, size_t cap)
{
    const struct rollout *ladder = &r->plan.ladder;
    const char *name = w->waits_for < w->facets ? w->of[w->waits_for].name : "";

    switch (w->gate) {
    case ROLLOUT_READY:
        snprintf(to, cap, "it waits for nothing");
        break;
    case ROLLOUT_DWELL:
        snprintf(to, cap, "its stage began %d hours ago, and is to last %u",
                 (int)(now_h - ladder->since),
                 (unsigned)ladder->stage[ladder->at].dwell_h);
        break;
    case ROLLOUT_EVIDENCE:
        snprintf(to, cap, "of hw_rev %s %u units of %u that it takes are aged %d hours",
                 name, (unsigned)w->evidence[w->waits_for].aged, (unsigned)w->needed,
                 HEALTH_HORIZON_H);
        break;
    case ROLLOUT_ALARMED:
        snprintf(to, cap, "fleet health is alarmed%s%s",
                 all_alarm(w) ? "" : " about hw_rev ", all_alarm(w) ? "" : name);
        break;
    case ROLLOUT_NOT_OPEN:
        snprintf(to, cap, "it is %s", rollout_state_name(ladder->state));
        break;
    case ROLLOUT_LAST:
        snprintf(to, cap, "this is its last stage");
        break;
    }
}

/* ---- waivers --------------------------------------------------------------------- */

static bool appeared(struct db *db, int64_t rollout, int64_t hw_rev)
{
    struct db_query *q = db_ask(db, "SELECT 1 FROM facet_values WHERE rollout = ?"
                                    " AND facet = 0 AND name = ?");
    char name[24];

    snprintf(name, sizeof name, "%lld", (long long)hw_rev);
    db_int(q, 0, rollout);
    db_text(q, 1, name);
    bool found = db_next(q);
    db_done(q);
    return found;
}

static void waive(struct db *db, int64_t rollout, int64_t hw_rev, const char *reason,
                  const struct event *e, struct outcome *o)
{
    struct db_query *q = db_ask(
        db, "INSERT INTO waivers (rollout, hw_rev, at, who, why) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (rollout, hw_rev) DO NOTHING");

    db_int(q, 0, rollout);
    db_int(q, 1, hw_rev);
    db_int(q, 2, e->at);
    db_text(q, 3, e->actor);
    db_text(q, 4, reason);
    if (db_do(q) == 1) {
        outcome_say(o, 200, "", "%s", "");
    } else {
        outcome_say(o, 409, "/hw_rev", "hw_rev %lld is waived already",
                    (long long)hw_rev);
    }
}

void waive_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    static const char *const names[] = {"rollout", "hw_rev", "reason"};
    struct body b;
    struct rollout_row r;
    (void)seq;

    if (body_open(&b, e->body, e->len, o)) {
        body_only(&b, names, sizeof names / sizeof *names);
        int64_t hw_rev = body_number(&b, "hw_rev", 0, UINT32_MAX);
        const char *reason = body_text(&b, "reason", 1, REASON_MAX);
        if (rollout_read(db, &b, &r)) {
            if (appeared(db, r.no, hw_rev)) {
                waive(db, r.no, hw_rev, reason, e, o);
            } else {
                body_wrong(&b, "hw_rev", "no unit of this revision is in the rollout");
            }
        }
    }
    body_close(&b);
}
