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
    return isnan(n) ? json_null() : json_real(n);
}

static json_t *ratio(struct stats_ratio r, struct stats_share t, struct stats_share c)
{
    return json_pack("{sI sI so so so so so}", "n_t", (json_int_t)t.n, "n_c",
                     (json_int_t)c.n, "p_t", real(r.p_t), "p_c", real(r.p_c), "rs",
                     real(r.rs), "low", real(r.low), "high", real(r.high));
}

json_t *figures_row(const struct health_unit *units, size_t len, unsigned cell,
                    int32_t now, int32_t h)
{
    struct stats_share t, c;
    struct stats_ratio r = health_relative(units, len, cell, now, h, &t, &c);
    json_t *told = ratio(r, t, c);

    r = health_active(units, len, cell, now, &t, &c);
    json_object_set_new(told, "active", ratio(r, t, c));
    r = health_steady(units, len, cell, now, &t, &c);
    json_object_set_new(told, "steady", ratio(r, t, c));
    return told;
}

/* ---- curves ---------------------------------------------------------------------- */

/* How old the oldest of an arm is, in hours from 1; 0: there is nobody. */
static size_t oldest(const struct health_unit *units, size_t len, unsigned cell,
                     bool treated, int32_t now)
{
    int32_t age = 0;

    for (size_t i = 0; i < len; i++) {
        const struct health_unit *u = &units[i];
        if (u->treated == treated && u->began <= now && in_cell(u, cell) &&
            now - u->began + 1 > age) {
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

static json_t *curve(const struct health_unit *units, size_t len, unsigned cell,
                     bool treated, int32_t now)
{
    uint32_t events[CURVE_MAX], leavers[CURVE_MAX];
    struct stats_point points[CURVE_MAX];
    size_t hours = oldest(units, len, cell, treated, now);

    if (hours == 0) {
        return json_array();
    }
    health_curve(units, len, cell, treated, now, events, leavers, hours, points);
    return steps(points, hours);
}

json_t *figures_curves(const struct health_unit *units, size_t len, unsigned cell,
                       int32_t now)
{
    return json_pack("{so so}", "treated", curve(units, len, cell, true, now),
                     "control", curve(units, len, cell, false, now));
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

void figures_keep(struct db *db, int64_t rollout, const struct health_unit *units,
                  size_t len, int32_t now)
{
    uint8_t values[HEALTH_FACETS];
    struct figures f;
    json_t *rows = json_array(), *curves = json_array();

    count(units, len, now + 1, &f);
    exposure_values(db, rollout, values);
    for (unsigned i = 0; i <= values[HEALTH_HW_REV]; i++) {
        unsigned cell = i == 0 ? 0 : health_cell_of(HEALTH_HW_REV, i - 1);
        json_array_append_new(rows,
                              figures_row(units, len, cell, now, HEALTH_HORIZON_H));
        json_array_append_new(curves, figures_curves(units, len, cell, now));
    }
    char *text[] = {spelled(counts_write(&f)), spelled(rows), spelled(curves)};
    store(db, rollout, text[0], text[1], text[2]);
    for (unsigned i = 0; i < 3; i++) {
        free(text[i]);
    }
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

json_t *figures_rows(struct db *db, int64_t rollout, bool curves)
{
    json_t *rows =
        ask_json(db_ask(db, "SELECT shares FROM figures WHERE rollout = ?"), rollout);
    json_t *all = NULL, *row;
    size_t i;

    if (rows == NULL || !curves) {
        return rows;
    }
    all = ask_json(db_ask(db, "SELECT curves FROM figures WHERE rollout = ?"), rollout);
    json_array_foreach(rows, i, row)
    {
        json_object_set(row, "curve", json_array_get(all, i));
    }
    json_decref(all);
    return rows;
}
