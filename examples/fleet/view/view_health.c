/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleet health of one rollout in numbers: by the values of one facet, as of its last
 * tick. Knows how health's cells are told; what they mean is health.h's business. */
#include <stdlib.h>
#include <string.h>

#include "../health/health_in.h"
#include "../model/exposure.h"
#include "../model/rollout_json.h"
#include "view_in.h"

#define CURVE_MAX (HEALTH_HISTORY_H + 1) /* hours of age that a curve tells of */

/* One rollout's units, with what is needed to tell of them. */
struct watched {
    struct health health;
    struct health_unit *units;
    size_t len;
    int32_t now, h; /* hour of the last tick; the horizon */
    bool curves;
};

/* ---- curves ---------------------------------------------------------------------- */

/* How old the oldest of an arm is, in hours from 1; 0: there is nobody. */
static size_t oldest(const struct watched *w, unsigned cell, bool treated)
{
    int32_t age = 0;

    for (size_t i = 0; i < w->len; i++) {
        const struct health_unit *u = &w->units[i];
        if (u->treated == treated && u->began <= w->now && in_cell(u, cell) &&
            w->now - u->began + 1 > age) {
            age = w->now - u->began + 1;
        }
    }
    return (size_t)age < CURVE_MAX ? (size_t)age : CURVE_MAX;
}

/* [[age in hours, survival, standard error] ...]: where it changes, and the last. */
static json_t *steps(const struct stats_point *points, size_t len)
{
    json_t *list = json_array();

    for (size_t i = 0; i < len; i++) {
        if (i == 0 || i + 1 == len || points[i].s != points[i - 1].s) {
            json_array_append_new(list, json_pack("[Ifo]", (json_int_t)points[i].t,
                                                  points[i].s, as_real(points[i].se)));
        }
    }
    return list;
}

static json_t *curve(const struct watched *w, unsigned cell, bool treated)
{
    uint32_t events[CURVE_MAX], leavers[CURVE_MAX];
    struct stats_point points[CURVE_MAX];
    size_t len = oldest(w, cell, treated);

    if (len == 0) {
        return json_array();
    }
    health_curve(w->units, w->len, cell, treated, w->now, events, leavers, len, points);
    return steps(points, len);
}

/* ---- numbers --------------------------------------------------------------------- */

static json_t *tests(const struct watched *w, unsigned cell)
{
    const struct health_cell *c = &w->health.cell[cell];

    return json_pack("{s{sfsb}s{sfsb}s{sfsb}}", "silence", "ln_e",
                     stats_e_ln(&c->silence), "alarm", c->alarm[HEALTH_SILENCE],
                     "activity", "z", c->z, "alarm", c->alarm[HEALTH_ACTIVITY],
                     "resets", "ln_e", stats_e_ln(&c->resets), "alarm",
                     c->alarm[HEALTH_RESETS]);
}

static json_t *ratio(struct stats_ratio r, struct stats_share t, struct stats_share c)
{
    return json_pack("{sI sI so so so so so}", "n_t", (json_int_t)t.n, "n_c",
                     (json_int_t)c.n, "p_t", as_real(r.p_t), "p_c", as_real(r.p_c),
                     "rs", as_real(r.rs), "low", as_real(r.low), "high",
                     as_real(r.high));
}

/* Survival itself, and beside it "active": seen in the last 24 hours, and "steady": no
 * abnormal reset yet. */
static json_t *row(const struct watched *w, unsigned cell, json_t *value)
{
    struct stats_share t, c;
    struct stats_ratio r =
        health_relative(w->units, w->len, cell, w->now, w->h, &t, &c);
    json_t *told = ratio(r, t, c);

    json_object_set_new(told, "value", value);
    r = health_active(w->units, w->len, cell, w->now, &t, &c);
    json_object_set_new(told, "active", ratio(r, t, c));
    r = health_steady(w->units, w->len, cell, w->now, &t, &c);
    json_object_set_new(told, "steady", ratio(r, t, c));
    json_object_set_new(told, "tests", tests(w, cell));
    if (w->curves) {
        json_object_set_new(told, "curve",
                            json_pack("{so so}", "treated", curve(w, cell, true),
                                      "control", curve(w, cell, false)));
    }
    return told;
}

/* Everybody first, then the facet's values by their numbers. */
static json_t *rows(struct db *db, const struct watched *w, int64_t no,
                    enum health_facet facet)
{
    json_t *list = json_array();
    struct db_query *q =
        db_ask(db, "SELECT value, name FROM facet_values WHERE rollout = ? AND"
                   " facet = ? ORDER BY value");

    json_array_append_new(list, row(w, 0, json_null()));
    db_int(q, 0, no);
    db_int(q, 1, facet);
    while (db_next(q)) {
        unsigned cell = health_cell_of(facet, (unsigned)db_get_int(q, 0));
        json_array_append_new(list, row(w, cell, as_text(db_get_text(q, 1))));
    }
    return list;
}

static json_t *tell(struct db *db, const struct rollout_row *r, const struct watched *w,
                    enum health_facet facet)
{
    const double *ln_e = w->health.ln_e_bound;

    return json_pack(
        "{sI ss si so si sb sf s{sfsfsf} so}", "rollout", (json_int_t)r->no, "facet",
        exposure_facet_name(facet), "h", (int)w->h, "at", as_hour(r->ticked), "hour",
        r->opened > 0 && w->now > r->opened ? (int)(w->now - r->opened) : 0, "measured",
        !r->plan.ladder.urgent, "alpha", r->plan.alpha, "bounds", "silence",
        ln_e[HEALTH_SILENCE], "activity", w->health.z_bound, "resets",
        ln_e[HEALTH_RESETS], "values", rows(db, w, r->no, facet));
}

json_t *view_health(struct db *db, int64_t no, enum health_facet facet, int32_t h,
                    bool curves)
{
    struct rollout_row r;
    struct watched *w = calloc(1, sizeof *w);
    int64_t *devices = NULL;
    json_t *told = NULL;

    if (w != NULL && rollout_load(db, no, &r)) {
        w->now = r.ticked;
        w->h = h;
        w->curves = curves;
        if (exposure_health(db, no, &w->health) &&
            exposure_load(db, no, &w->units, &devices, &w->len)) {
            told = tell(db, &r, w, facet);
        }
        free(w->units);
        free(devices);
    }
    free(w);
    return view_end(db, told);
}
