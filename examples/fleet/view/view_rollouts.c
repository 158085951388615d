/* SPDX-License-Identifier: Apache-2.0
 *
 * Rollouts: where each stands, what it waits for, and who of its devices did what.
 * Knows how a gate is put in words. */
#include <stdio.h>
#include <string.h>

#include "../model/rollout_json.h"
#include "view_in.h"

/* ---- what it waits for ----------------------------------------------------------- */

static const char *gate_name(enum rollout_gate gate)
{
    switch (gate) {
    case ROLLOUT_READY:
        return "ready";
    case ROLLOUT_DWELL:
        return "dwell";
    case ROLLOUT_EVIDENCE:
        return "evidence";
    case ROLLOUT_ALARMED:
        return "alarmed";
    case ROLLOUT_NOT_OPEN:
        return "not open";
    case ROLLOUT_LAST:
        return "last stage";
    }
    return "?";
}

/* "revision 4: 212 of 1,190 units aged 72 h", "" if it waits for none. */
static void evidence_words(const struct rollout_wait *w, char *to, size_t cap)
{
    unsigned i = w->waits_for;
    char aged[VIEW_NUMBER], needed[VIEW_NUMBER];

    to[0] = '\0';
    if (i < w->facets && !w->evidence[i].alarm) {
        snprintf(to, cap, "revision %s: %s of %s units aged %d h", w->of[i].name,
                 view_number(w->evidence[i].aged, aged), view_number(w->needed, needed),
                 HEALTH_HORIZON_H);
    }
}

static void words(const struct rollout_row *r, const struct rollout_wait *w,
                  int32_t now_h, char *to, size_t cap)
{
    const struct rollout *l = &r->plan.ladder;
    char evidence[100];

    evidence_words(w, evidence, sizeof evidence);
    switch (w->gate) {
    case ROLLOUT_READY:
        snprintf(to, cap, "nothing: it may advance");
        break;
    case ROLLOUT_DWELL:
        snprintf(to, cap, "its time: %d of %u h%s%s", (int)(now_h - l->since),
                 (unsigned)l->stage[l->at].dwell_h, evidence[0] != '\0' ? "; " : "",
                 evidence);
        break;
    case ROLLOUT_EVIDENCE:
        snprintf(to, cap, "%s", evidence);
        break;
    case ROLLOUT_ALARMED:
        snprintf(to, cap, "people: fleet health alarms on revision %s",
                 w->waits_for < w->facets ? w->of[w->waits_for].name : "?");
        break;
    case ROLLOUT_NOT_OPEN:
        snprintf(to, cap, "people: it is %s", rollout_state_name(l->state));
        break;
    case ROLLOUT_LAST:
        snprintf(to, cap, "nothing: it may be finished");
        break;
    }
}

/* By hardware revision. "loss_seen": the smallest loss that so many units can show. */
static json_t *evidence(const struct rollout_wait *w)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < w->facets; i++) {
        const struct rollout_evidence *e = &w->evidence[i];
        json_array_append_new(
            list, json_pack("{so sI sI sI sb sb sf}", "hw_rev", as_text(w->of[i].name),
                            "units", (json_int_t)w->of[i].treated, "aged",
                            (json_int_t)e->aged, "needed", (json_int_t)w->needed,
                            "alarm", e->alarm, "waived", e->waived, "loss_seen",
                            rollout_loss_seen(w->p, e->aged, w->alpha)));
    }
    return list;
}

static void tell_waiting(struct db *db, const struct rollout_row *r, int32_t now_h,
                         const struct figures *f, json_t *told)
{
    struct rollout_wait w;
    char text[240];

    if (!rollout_waits_by(db, r, now_h, f, &w)) {
        return; /* the database failed */
    }
    words(r, &w, now_h, text, sizeof text);
    json_object_set_new(told, "gate", json_string(gate_name(w.gate)));
    json_object_set_new(told, "waits_for", as_text(text));
    json_object_set_new(told, "evidence", evidence(&w));
}

/* ---- where it stands ------------------------------------------------------------- */

static json_t *arm(const struct figures_arm *a)
{
    return json_pack("{sI sI sI}", "n", a->n, "silent", a->silent, "resets", a->resets);
}

static json_t *superseder(struct db *db, int64_t no)
{
    struct db_query *q = db_ask(db, "SELECT no FROM rollouts WHERE supersedes = ?"
                                    " ORDER BY no DESC LIMIT 1");

    db_int(q, 0, no);
    int64_t by = view_count(q);
    return by > 0 ? json_integer(by) : json_null();
}

static json_t *frozen(struct db *db, int64_t no)
{
    struct db_query *q = db_ask(db, "SELECT frozen FROM rollouts WHERE no = ?");

    db_int(q, 0, no);
    json_t *told =
        db_next(q) && !db_get_null(q, 0) ? as_json(db_get_text(q, 0)) : json_null();
    db_done(q);
    return told;
}

static double percent(uint32_t places)
{
    return places * 100.0 / COHORT_ALL;
}

/* What a list tells of it. */
static json_t *summary(struct db *db, const struct rollout_row *r,
                       const struct figures *f)
{
    const struct rollout *l = &r->plan.ladder;
    const struct cohort_stage *size = &l->stage[l->at].size;
    bool begun = l->state != ROLLOUT_DRAFT;
    json_t *told = json_pack(
        "{sI so so ss si si sf sf sb so so so so so}", "no", (json_int_t)r->no, "class",
        as_hex(r->plan.class_id, 16), "version", as_version(r->plan.version), "state",
        rollout_state_name(l->state), "stage", (int)l->at + 1, "stages", (int)l->stages,
        "percent", percent(size->offered), "held_back", percent(size->held_back),
        "urgent", l->urgent, "opened", begun ? as_hour(r->opened) : json_null(),
        "since", begun ? as_hour(l->since) : json_null(), "supersedes",
        r->plan.supersedes > 0 ? json_integer(r->plan.supersedes) : json_null(),
        "superseded_by", superseder(db, r->no), "frozen",
        l->state == ROLLOUT_FROZEN ? frozen(db, r->no) : json_null());

    json_object_set_new(told, "control", arm(&f->arm[0]));
    json_object_set_new(told, "treated", arm(&f->arm[1]));
    json_object_set_new(told, "ticked", as_hour(r->ticked));
    json_object_set_new(told, "plan", rollout_plan_write(&r->plan));
    return told;
}

static void tell_sentence(json_t *told)
{
    char sentence[600];

    view_frozen_sentence(told, sentence, sizeof sentence);
    json_object_set_new(told, "sentence", json_string(sentence));
}

/* ---- who did what ---------------------------------------------------------------- */

/* Of those who were offered it: how it ended, as they signed. */
static json_t *outcomes(struct db *db, const struct rollout_row *r)
{
    json_t *counts = json_object();
    struct db_query *q =
        db_ask(db, "SELECT s.outcome, count(*) FROM exposures e JOIN states s"
                   " ON s.device = e.device WHERE e.rollout = ? AND e.treated = 1"
                   " AND s.outcome_version = ? GROUP BY s.outcome ORDER BY s.outcome");

    db_int(q, 0, r->no);
    db_int(q, 1, r->plan.version);
    while (db_next(q)) {
        json_object_set_new(counts, view_outcome_name(db_get_int(q, 0)),
                            json_integer(db_get_int(q, 1)));
    }
    return counts;
}

static json_t *running(struct db *db, const struct rollout_row *r)
{
    struct db_query *q =
        db_ask(db, "SELECT count(*) FROM exposures e JOIN states s"
                   " ON s.device = e.device WHERE e.rollout = ? AND e.treated = 1"
                   " AND s.version = ?");

    db_int(q, 0, r->no);
    db_int(q, 1, r->plan.version);
    return json_integer(view_count(q));
}

static json_t *waivers(struct db *db, int64_t no)
{
    json_t *list = json_array();
    struct db_query *q = db_ask(db, "SELECT hw_rev, at, who, why FROM waivers"
                                    " WHERE rollout = ? ORDER BY hw_rev");

    db_int(q, 0, no);
    while (db_next(q)) {
        json_array_append_new(list, json_pack("{sI so so so}", "hw_rev",
                                              (json_int_t)db_get_int(q, 0), "at",
                                              as_time(db_get_int(q, 1)), "who",
                                              as_text(db_get_text(q, 2)), "why",
                                              as_text(db_get_text(q, 3))));
    }
    return list;
}

static json_t *transfers(struct db *db, int64_t no)
{
    struct db_query *q = db_ask(db, "SELECT outcome, count(*) FROM reports WHERE"
                                    " rollout = ? GROUP BY outcome ORDER BY outcome");

    db_int(q, 0, no);
    return view_counts(q);
}

/* ---- the two views --------------------------------------------------------------- */

static json_t *tell_one(struct db *db, const struct rollout_row *r, int32_t now_h)
{
    struct figures f;

    if (!figures_kept(db, r->no, now_h, &f)) {
        return NULL;
    }
    json_t *told = summary(db, r, &f);
    if (r->plan.ladder.state == ROLLOUT_OPEN) {
        tell_waiting(db, r, now_h, &f, told);
    }
    tell_sentence(told);
    return told;
}

json_t *view_rollouts(struct db *db, int64_t now)
{
    struct rollout_row r;
    json_t *list = json_array();
    struct db_query *q = db_ask(db, "SELECT max(no) FROM rollouts");

    for (int64_t no = view_count(q); no > 0 && !db_failed(db); no--) {
        if (rollout_load(db, no, &r)) {
            json_array_append_new(list, tell_one(db, &r, (int32_t)(now / 3600)));
        }
    }
    return view_end(db, json_pack("{so so}", "now", as_time(now), "rollouts", list));
}

json_t *view_rollout(struct db *db, int64_t no, int64_t now)
{
    struct rollout_row r;
    struct figures f;

    if (!rollout_load(db, no, &r) || !figures_now(db, no, (int32_t)(now / 3600), &f)) {
        return NULL;
    }
    json_t *told = summary(db, &r, &f);
    json_object_set_new(told, "now", as_time(now));
    json_object_set_new(told, "outcomes", outcomes(db, &r));
    json_object_set_new(told, "running", running(db, &r));
    json_object_set_new(told, "transfers", transfers(db, no));
    json_object_set_new(told, "waivers", waivers(db, no));
    tell_waiting(db, &r, (int32_t)(now / 3600), &f, told);
    tell_sentence(told);
    return view_end(db, told);
}
