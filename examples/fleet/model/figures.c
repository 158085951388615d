/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts units, and keeps what was counted as JSON: nine digits of a share are plenty, and
 * the same on every processor. */
#include "figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../health/health_in.h"
#include "exposure.h"

#define CURVE_MAX (HEALTH_HISTORY_H + 1) /* hours of age that a curve tells of */
#define SPELLED (JSON_COMPACT | JSON_REAL_PRECISION(9))

/* ---- units ----------------------------------------------------------------------- */

/* It was watched to the horizon. */
static bool is_aged(const struct health_unit *u, int32_t now_h)
{
    return u->began <= now_h - HEALTH_HORIZON_H &&
           (u->left < 0 || u->left >= u->began + HEALTH_HORIZON_H);
}

static void count_one(struct figures *f, const struct health_unit *u, int32_t now_h)
{
    struct figures_arm *arm = &f->arm[u->treated];
    bool aged = is_aged(u, now_h);

    arm->n++;
    arm->silent += u->silent >= 0;
    arm->resets += u->reset;
    if (u->treated) {
        f->revision[u->value[HEALTH_HW_REV]].treated++;
        f->revision[u->value[HEALTH_HW_REV]].aged += aged;
    } else {
        f->control_aged += aged;
        f->control_active +=
            aged && u->seen >= u->began + HEALTH_HORIZON_H - HEALTH_LOOK_BACK_H;
    }
}

static void count(const struct health_unit *units, size_t len, int32_t now_h,
                  struct figures *f)
{
    *f = (struct figures){0};
    for (size_t i = 0; i < len; i++) {
        count_one(f, &units[i], now_h);
    }
}

bool figures_now(struct db *db, int64_t rollout, int32_t now_h, struct figures *f)
{
    struct health_unit *units;
    size_t len;

    if (!exposure_load(db, rollout, &units, NULL, &len)) {
        return false;
    }
    count(units, len, now_h, f);
    free(units);
    return true;
}

/* ---- shares ---------------------------------------------------------------------- */

/* Not a number: null. */
static json_t *real(double n)
{
    return isfinite(n) ? json_real(n) : json_null();
}

json_t *figures_ratio(struct stats_ratio r, struct stats_share t, struct stats_share c)
{
    return json_pack("{sI sI so so so so so}", "n_t", (json_int_t)t.n, "n_c",
                     (json_int_t)c.n, "p_t", real(r.p_t), "p_c", real(r.p_c), "rs",
                     real(r.rs), "low", real(r.low), "high", real(r.high));
}

static json_t *shares_of(const struct health_unit *units, size_t len, int32_t now,
                         int32_t h)
{
    struct stats_share t, c;
    struct stats_ratio r = health_relative(units, len, 0, now, h, &t, &c);
    json_t *told = figures_ratio(r, t, c);

    r = health_active(units, len, 0, now, &t, &c);
    json_object_set_new(told, "active", figures_ratio(r, t, c));
    r = health_steady(units, len, 0, now, &t, &c);
    json_object_set_new(told, "steady", figures_ratio(r, t, c));
    return told;
}

/* ---- curves ---------------------------------------------------------------------- */

/* How old the oldest of an arm is, in hours from 1; 0: there is nobody. */
static size_t oldest(const struct health_unit *units, size_t len, bool treated,
                     int32_t now)
{
    int32_t age = 0;

    for (size_t i = 0; i < len; i++) {
        const struct health_unit *u = &units[i];
        if (u->treated == treated && u->began <= now && now - u->began + 1 > age) {
            age = now - u->began + 1;
        }
    }
    return (size_t)age < CURVE_MAX ? (size_t)age : CURVE_MAX;
}

/* Where it changes, and the last. */
static json_t *steps(const struct stats_point *points, size_t len)
{
    json_t *list = json_array();

    for (size_t i = 0; i < len; i++) {
        if (i == 0 || i + 1 == len || points[i].s != points[i - 1].s) {
            json_array_append_new(list, json_pack("[Ifo]", (json_int_t)points[i].t,
                                                  points[i].s, real(points[i].se)));
        }
    }
    return list;
}

static json_t *curve(const struct health_unit *units, size_t len, bool treated,
                     int32_t now)
{
    uint32_t events[CURVE_MAX], leavers[CURVE_MAX];
    struct stats_point points[CURVE_MAX];
    size_t hours = oldest(units, len, treated, now);

    if (hours == 0) {
        return json_array();
    }
    health_curve(units, len, 0, treated, now, events, leavers, hours, points);
    return steps(points, hours);
}

/* ---- rows ------------------------------------------------------------------------ */

static json_t *row(const struct health_unit *units, size_t len, int32_t now, int32_t h,
                   bool curves)
{
    json_t *told = shares_of(units, len, now, h);

    if (curves) {
        json_object_set_new(told, "curve",
                            json_pack("{so so}", "treated",
                                      curve(units, len, true, now), "control",
                                      curve(units, len, false, now)));
    }
    return told;
}

/* Those of a cell, one behind the other. Returns how many. */
static size_t gather(const struct health_unit *units, size_t len, unsigned cell,
                     struct health_unit *to)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (in_cell(&units[i], cell)) {
            to[n++] = units[i];
        }
    }
    return n;
}

json_t *figures_rows(const struct health_unit *units, size_t len,
                     enum health_facet facet, unsigned values, int32_t now, int32_t h,
                     bool curves)
{
    struct health_unit *own = calloc(len + 1, sizeof *own);

    if (own == NULL) {
        return NULL;
    }
    json_t *rows = json_array();
    json_array_append_new(rows, row(units, len, now, h, curves));
    for (unsigned v = 0; v < values; v++) {
        size_t n = gather(units, len, health_cell_of(facet, v), own);
        json_array_append_new(rows, row(own, n, now, h, curves));
    }
    free(own);
    return rows;
}

/* ---- kept ------------------------------------------------------------------------ */

static json_t *counts_write(const struct figures *f)
{
    const struct figures_arm *control = &f->arm[0], *treated = &f->arm[1];
    json_t *revisions = json_array();

    for (unsigned v = 0; v < HEALTH_VALUES_MAX; v++) {
        json_array_append_new(
            revisions, json_pack("[II]", f->revision[v].treated, f->revision[v].aged));
    }
    return json_pack("{s[III] s[III] s[II] so}", "control", control->n, control->silent,
                     control->resets, "treated", treated->n, treated->silent,
                     treated->resets, "aged_control", f->control_aged,
                     f->control_active, "revisions", revisions);
}

static bool counts_read(json_t *counts, struct figures *f)
{
    struct figures_arm *control = &f->arm[0], *treated = &f->arm[1];
    json_t *revisions = NULL, *pair;
    size_t v;
    int bad = json_unpack(
        counts, "{s[III] s[III] s[II] so}", "control", &control->n, &control->silent,
        &control->resets, "treated", &treated->n, &treated->silent, &treated->resets,
        "aged_control", &f->control_aged, &f->control_active, "revisions", &revisions);

    json_array_foreach(revisions, v, pair)
    {
        if (v < HEALTH_VALUES_MAX) {
            bad |= json_unpack(pair, "[II]", &f->revision[v].treated,
                               &f->revision[v].aged);
        }
    }
    return bad == 0;
}

/* To be freed. */
static char *spelled(json_t *json)
{
    char *text = json_dumps(json, SPELLED);

    json_decref(json);
    return text;
}

static void store(struct db *db, int64_t rollout, const char *counts,
                  const char *shares, const char *curves)
{
    struct db_query *q = db_ask(
        db, "INSERT INTO figures (rollout, counts, shares, curves) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (rollout) DO UPDATE SET counts = excluded.counts,"
            " shares = excluded.shares, curves = excluded.curves");

    db_int(q, 0, rollout);
    db_text(q, 1, counts);
    db_text(q, 2, shares);
    db_text(q, 3, curves);
    db_do(q);
}

/* Out of the rows; not everybody who reads those wants the curves. */
static json_t *take_curves(json_t *rows)
{
    json_t *curves = json_array(), *one;
    size_t i;

    json_array_foreach(rows, i, one)
    {
        json_array_append(curves, json_object_get(one, "curve"));
        json_object_del(one, "curve");
    }
    return curves;
}

bool figures_keep(struct db *db, int64_t rollout, const struct health_unit *units,
                  size_t len, int32_t now)
{
    uint8_t values[HEALTH_FACETS];
    struct figures f;

    exposure_values(db, rollout, values);
    json_t *rows = figures_rows(units, len, HEALTH_HW_REV, values[HEALTH_HW_REV], now,
                                HEALTH_HORIZON_H, true);
    if (rows == NULL) {
        return false;
    }
    count(units, len, now + 1, &f);
    char *curves = spelled(take_curves(rows));
    char *shares = spelled(rows), *counts = spelled(counts_write(&f));
    store(db, rollout, counts, shares, curves);
    free(counts);
    free(shares);
    free(curves);
    return true;
}

/* The answer to a query for one text of JSON of a rollout; NULL: there is none. */
static json_t *ask_json(struct db_query *q, int64_t rollout)
{
    db_int(q, 0, rollout);
    json_t *json = db_next(q) ? json_loads(db_get_text(q, 0), 0, NULL) : NULL;
    db_done(q);
    return json;
}

bool figures_kept(struct db *db, int64_t rollout, int32_t now_h, struct figures *f)
{
    json_t *counts =
        ask_json(db_ask(db, "SELECT counts FROM figures WHERE rollout = ?"), rollout);

    *f = (struct figures){0};
    bool read = counts != NULL && counts_read(counts, f);
    json_decref(counts);
    return read || figures_now(db, rollout, now_h, f);
}

json_t *figures_kept_rows(struct db *db, int64_t rollout, bool curves)
{
    json_t *rows =
        ask_json(db_ask(db, "SELECT shares FROM figures WHERE rollout = ?"), rollout);
    json_t *all = NULL, *one;
    size_t i;

    if (rows == NULL || !curves) {
        return rows;
    }
    all = ask_json(db_ask(db, "SELECT curves FROM figures WHERE rollout = ?"), rollout);
    json_array_foreach(rows, i, one)
    {
        json_object_set(one, "curve", json_array_get(all, i));
    }
    json_decref(all);
    return rows;
}
