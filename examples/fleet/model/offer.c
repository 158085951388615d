/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows whose a device is. One that a live rollout watches, open or frozen, stays with it;
 * others go to the open rollout of the highest version that wants them. Once in, only the
 * device's own rules count: the predicate is about the version it came with. */
#include "offer.h"

#include <string.h>

#include "checkin.h"
#include "exposure_in.h"
#include "release_row.h"
#include "rollout_json.h"

#define OPEN_MAX 32U /* open rollouts of one class that are looked at */

static const struct cohort_predicate anybody = {
    {0, UINT32_MAX}, {0, UINT32_MAX}, 0, 0, 0};

struct guest {
    struct db *db;
    struct state *s;
    const char *app;
    int64_t now;
};

static int32_t hour(const struct guest *g)
{
    return (int32_t)(g->now / 3600);
}

/* ---- offers ---------------------------------------------------------------------- */

static void write_offer(const struct guest *g, int64_t rollout, int64_t release)
{
    struct db_query *q = db_ask(
        g->db,
        "INSERT INTO offers (device, rollout, release, first_at, at, expires)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device) DO UPDATE SET"
        " first_at = CASE WHEN offers.rollout = excluded.rollout"
        " AND offers.release = excluded.release THEN offers.first_at"
        " ELSE excluded.first_at END, rollout = excluded.rollout,"
        " release = excluded.release, at = excluded.at, expires = excluded.expires");

    db_int(q, 0, g->s->no);
    db_int(q, 1, rollout);
    db_int(q, 2, release);
    db_int(q, 3, g->now);
    db_int(q, 4, g->now);
    db_int(q, 5, g->now + CHECKIN_OFFER_S);
    db_do(q);
}

/* The release that it takes next, if it fits. */
static bool next_release(const struct guest *g, const struct rollout_plan *p,
                         const struct cohort_predicate *of, struct release_row *r)
{
    return release_next(g->db, &g->s->is, p->version, r) &&
           cohort_fits(&g->s->is, &r->is, of) == COHORT_FITS;
}

/* ---- rolling back ---------------------------------------------------------------- */

static json_t *frozen_for(struct db *db, int64_t rollout)
{
    struct db_query *q = db_ask(db, "SELECT frozen FROM rollouts WHERE no = ?");

    db_int(q, 0, rollout);
    json_t *why = db_next(q) ? json_loads(db_get_text(q, 0), 0, NULL) : NULL;
    db_done(q);
    return why;
}

/* Is it of a facet's value that this freeze blames? If it blames none: everybody is. */
static bool is_blamed(const json_t *why, const struct exposure_arm *a)
{
    const json_t *blamed = json_object_get(why, "blamed"), *one;
    enum health_facet facet;
    size_t i;

    json_array_foreach(blamed, i, one)
    {
        const char *name = json_string_value(json_object_get(one, "facet"));
        if (name == NULL || !exposure_facet_named(name, &facet) ||
            a->value[facet] == json_integer_value(json_object_get(one, "value"))) {
            return true;
        }
    }
    return json_array_size(blamed) == 0;
}

/* Of the units that the superseded one treated, those it was frozen for. */
static bool is_aimed_at(const struct guest *g, const struct rollout_plan *p)
{
    struct exposure_arm a;

    if (!p->aim_exposed) {
        return true;
    }
    if (!exposure_of(g->db, p->supersedes, g->s->no, &a) || !a.treated) {
        return false;
    }
    json_t *why = frozen_for(g->db, p->supersedes);
    bool blamed = is_blamed(why, &a);
    json_decref(why);
    return blamed;
}

/* ---- its place ------------------------------------------------------------------- */

static enum cohort_arm arm_now(const struct guest *g, const struct rollout_plan *p)
{
    return cohort_arm(&p->ladder.stage[p->ladder.at].size,
                      cohort_place(p->salt, &g->s->is));
}

/* It is in already: its offer is renewed while there is anything to offer. One that was
 * held back and whose turn has come is watched no longer, since nobody is left to compare
 * it with. */
static void stay(const struct guest *g, const struct rollout_row *r,
                 const struct exposure_arm *a)
{
    struct release_row next;

    if (arm_now(g, &r->plan) != COHORT_TREATED ||
        !next_release(g, &r->plan, &anybody, &next)) {
        return;
    }
    if (!a->treated && g->s->rollout == r->no) {
        exposure_close(g->db, g->s, hour(g));
    }
    write_offer(g, r->no, next.no);
}

static bool has_artifact(const struct guest *g, int64_t release)
{
    json_t *all = release_artifacts(g->db, release, g->s->is.hw_rev);
    bool any = json_array_size(all) > 0;

    json_decref(all);
    return any;
}

/* False: this rollout does not want it. */
static bool enter(const struct guest *g, const struct rollout_row *r)
{
    enum cohort_arm arm = arm_now(g, &r->plan);
    struct release_row next;

    if (arm == COHORT_OUTSIDE || !is_aimed_at(g, &r->plan) ||
        !next_release(g, &r->plan, &r->plan.predicate, &next) ||
        !has_artifact(g, next.no)) {
        return false;
    }
    exposure_open(g->db, r->no, g->s, arm == COHORT_TREATED, g->app, hour(g));
    if (arm == COHORT_TREATED) {
        write_offer(g, r->no, next.no);
    }
    return true;
}

static bool go_to(const struct guest *g, int64_t no)
{
    struct rollout_row r;
    struct exposure_arm a;

    if (!rollout_load(g->db, no, &r)) {
        return false;
    }
    if (exposure_of(g->db, no, g->s->no, &a)) {
        stay(g, &r, &a);
        return true;
    }
    return enter(g, &r);
}

static size_t open_rollouts(const struct guest *g, int64_t no[OPEN_MAX])
{
    struct db_query *q =
        db_ask(g->db, "SELECT no FROM rollouts WHERE class = ? AND state = ?"
                      " ORDER BY version DESC, no DESC");
    size_t n = 0;

    db_blob(q, 0, g->s->is.class_id, sizeof g->s->is.class_id);
    db_int(q, 1, ROLLOUT_OPEN);
    while (n < OPEN_MAX && db_next(q)) {
        no[n++] = db_get_int(q, 0);
    }
    db_done(q);
    return n;
}

/* The state of the rollout that watches it; DONE if none does. */
static enum rollout_state watched_by(const struct guest *g)
{
    struct db_query *q = db_ask(g->db, "SELECT state FROM rollouts WHERE no = ?");

    db_int(q, 0, g->s->rollout);
    enum rollout_state state =
        db_next(q) ? (enum rollout_state)db_get_int(q, 0) : ROLLOUT_DONE;
    db_done(q);
    return state;
}

void offer_consider(struct db *db, struct state *s, const char *app, int64_t now)
{
    struct guest g = {db, s, app, now};
    enum rollout_state state = watched_by(&g);
    int64_t no[OPEN_MAX];

    if (state == ROLLOUT_FROZEN) {
        return;
    }
    if (state == ROLLOUT_OPEN) {
        go_to(&g, s->rollout);
        return;
    }
    size_t n = open_rollouts(&g, no);
    for (size_t i = 0; i < n && !go_to(&g, no[i]); i++) {
    }
}
