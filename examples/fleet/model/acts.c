/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do to rollouts, with their reasons. Knows what must hold before an act and
 * what follows from it elsewhere; what may follow what is rollout.h's table, and what a
 * stage waits for is gate.c's. */
#include <string.h>

#include "body.h"
#include "exposure_in.h"
#include "rollouts.h"

struct deed {
    struct rollout_row of;
    enum rollout_act act;
    const char *name, *reason;
    bool force;
};

static bool act_named(const char *name, enum rollout_act *act)
{
    static const struct {
        const char *name;
        enum rollout_act act;
    } acts[] = {{"open", ROLLOUT_ACT_OPEN},     {"advance", ROLLOUT_ACT_ADVANCE},
                {"freeze", ROLLOUT_ACT_FREEZE}, {"resume", ROLLOUT_ACT_RESUME},
                {"cancel", ROLLOUT_ACT_CANCEL}, {"finish", ROLLOUT_ACT_FINISH}};

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(name, acts[i].name) == 0) {
            *act = acts[i].act;
            return true;
        }
    }
    return false;
}

static bool read_deed(struct db *db, const struct body *b, struct deed *d)
{
    static const char *const names[] = {"rollout", "act", "reason", "force"};

    memset(d, 0, sizeof *d);
    body_only(b, names, sizeof names / sizeof *names);
    d->name = body_text(b, "act", 1, REASON_MAX);
    d->reason = body_text(b, "reason", 1, REASON_MAX);
    d->force = body_bool(b, "force");
    if (!act_named(d->name, &d->act)) {
        body_wrong(b, "act", "there is no such act");
    }
    return rollout_read(db, b, &d->of);
}

static bool may_advance(struct db *db, const struct deed *d, int32_t now_h,
                        struct outcome *o)
{
    struct rollout_wait w;
    char what[160];

    if (d->force) {
        return true;
    }
    if (!rollout_waits(db, &d->of, now_h, &w)) {
        return false;
    }
    if (w.gate == ROLLOUT_READY) {
        return true;
    }
    rollout_wait_says(&d->of, &w, now_h, what, sizeof what);
    outcome_say(o, 409, "", "rollout %lld does not advance: %s", (long long)d->of.no,
                what);
    return false;
}

/* Whom it takes the place of stops offering, unless it has stopped already. */
static void supersede(struct db *db, int64_t no, int32_t now_h)
{
    struct rollout_row r;

    if (no != 0 && rollout_load(db, no, &r) &&
        rollout_do(&r.plan.ladder, ROLLOUT_ACT_SUPERSEDE, now_h)) {
        rollout_save_place(db, &r);
    }
}

/* A person goes on in spite of what alarms now. */
static void go_on(struct db *db, const struct rollout_row *r)
{
    struct health h;

    rollout_save_frozen(db, r->no, NULL);
    if (r->ticked != 0 && exposure_health(db, r->no, &h)) {
        health_accept(&h);
        rollout_save_health(db, r->no, &h);
    }
}

static json_t *frozen_by(const struct event *e, const struct deed *d, int32_t now_h)
{
    return json_pack("{ss sI si ss}", "by", e->actor, "at", (json_int_t)e->at, "hour",
                     (int)(now_h - d->of.opened), "reason", d->reason);
}

static void do_it(struct db *db, struct deed *d, const struct event *e,
                  struct outcome *o)
{
    int32_t now_h = (int32_t)(e->at / 3600);
    struct rollout *ladder = &d->of.plan.ladder;
    enum rollout_state was = ladder->state;

    if (d->act == ROLLOUT_ACT_ADVANCE && ladder->state == ROLLOUT_OPEN &&
        ladder->at + 1 < ladder->stages && !may_advance(db, d, now_h, o)) {
        return;
    }
    if (!rollout_do(ladder, d->act, now_h)) {
        outcome_say(o, 409, "",
                    "rollout %lld is %s, in stage %u of %u: %s is not for it",
                    (long long)d->of.no, rollout_state_name(was), ladder->at + 1,
                    ladder->stages, d->name);
        return;
    }
    if (d->act == ROLLOUT_ACT_OPEN) {
        if (!rollout_has_release(db, &d->of.plan, 409, o)) {
            return;
        }
        d->of.opened = now_h;
        supersede(db, d->of.plan.supersedes, now_h);
    }
    rollout_save_place(db, &d->of);
    if (d->act == ROLLOUT_ACT_FREEZE) {
        rollout_save_frozen(db, d->of.no, frozen_by(e, d, now_h));
    }
    if (d->act == ROLLOUT_ACT_RESUME) {
        go_on(db, &d->of);
    }
    outcome_say(o, 200, "", "%s", "");
}

void act_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    struct body b;
    struct deed d;
    (void)seq;

    if (body_open(&b, e->body, e->len, o) && read_deed(db, &b, &d)) {
        do_it(db, &d, e, o);
    }
    body_close(&b);
}
