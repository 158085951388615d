/* SPDX-License-Identifier: Apache-2.0
 *
 * The hourly look at fleet health. Every rollout with anybody still watched is looked at,
 * hour by hour up to the one that is over; an alarm freezes an open one in the same
 * transaction. Gates are for people: nothing advances by itself. */
#include <math.h>
#include <stdlib.h>

#include "body.h"
#include "counts.h"
#include "event.h"
#include "exposure_in.h"
#include "figures.h"
#include "rollouts.h"

#define BLAMED_MAX 4U
#define WATCHED_MAX 256U /* rollouts in one look; more are looked at next hour */

struct watch {
    struct db *db;
    struct rollout_row of;
    struct health health;
    struct health_unit *units;
    int64_t *devices;
    bool *counted; /* reset_counted as it was */
    size_t len;
    int64_t seq; /* of this event */
    bool frozen; /* now, by this look */
};

/* ---- what is said of a freeze ---------------------------------------------------- */

typedef struct stats_ratio figure_of(const struct health_unit *units, size_t len,
                                     unsigned cell, int32_t now,
                                     struct stats_share *treated,
                                     struct stats_share *control);

static bool alarms(const struct health_cell *c, unsigned test)
{
    return c->alarm[test] && !c->accepted[test];
}

/* Names of the tests that alarm in the cells from `first` to before `end`. */
static json_t *tests(const struct health *h, unsigned first, unsigned end)
{
    static const char *const names[HEALTH_TESTS] = {"silence", "activity", "resets"};
    json_t *list = json_array();

    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        bool alarm = false;
        for (unsigned c = first; c < end; c++) {
            alarm |= alarms(&h->cell[c], t);
        }
        if (alarm) {
            json_array_append_new(list, json_string(names[t]));
        }
    }
    return list;
}

/* Whose alarms speak for this cell: its own, or everybody's where it has none (yet). */
static unsigned speaker(const struct health *h, unsigned cell)
{
    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        if (alarms(&h->cell[cell], t)) {
            return cell;
        }
    }
    return 0;
}

/* What each test looks at: "shown" is that of the alarming one with the lowest share. */
static void add_figures(const struct watch *w, unsigned cell,
                        const struct health_cell *speaks, json_t *to)
{
    static const struct {
        const char *name;
        figure_of *of;
    } figures[HEALTH_TESTS] = {{"speaking", health_speaking},
                               {"active", health_active},
                               {"steady", health_steady}};
    const char *shown = figures[HEALTH_ACTIVITY].name;
    double lowest = INFINITY;

    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        struct stats_share treated, control;
        struct stats_ratio r =
            figures[t].of(w->units, w->len, cell, w->health.now, &treated, &control);
        json_object_set_new(to, figures[t].name, figures_ratio(r, treated, control));
        double share = r.p_c > 0 ? r.p_t / r.p_c : INFINITY; /* 0 where all are lost */
        if (alarms(speaks, t) && share < lowest) {
            lowest = share;
            shown = figures[t].name;
        }
    }
    json_object_set_new(to, "shown", json_string(shown));
}

static json_t *blamed(const struct watch *w, unsigned cell)
{
    unsigned facet = cell > 0 ? (cell - 1) / HEALTH_VALUES_MAX : 0;
    unsigned value = cell > 0 ? (cell - 1) % HEALTH_VALUES_MAX : 0;
    const char *facet_name =
        cell > 0 ? exposure_facet_name((enum health_facet)facet) : "all";
    char name[64] = "";
    struct stats_share t, c;
    unsigned speaks = speaker(&w->health, cell);

    if (cell > 0) {
        exposure_value_name(w->db, w->of.no, (enum health_facet)facet, value, name,
                            sizeof name);
    }
    json_t *one =
        json_pack("{ss sI ss so}", "facet", facet_name, "value", (json_int_t)value,
                  "name", name, "tests", tests(&w->health, speaks, speaks + 1));
    struct stats_ratio survival = health_relative(w->units, w->len, cell, w->health.now,
                                                  HEALTH_HORIZON_H, &t, &c);
    json_object_set_new(one, "survival", figures_ratio(survival, t, c));
    add_figures(w, cell, &w->health.cell[speaks], one);
    return one;
}

static json_t *why_frozen(const struct watch *w)
{
    unsigned cells[BLAMED_MAX];
    unsigned n = health_blame(&w->health, w->units, w->len, cells, BLAMED_MAX);
    json_t *list = json_array();

    for (unsigned i = 0; i < n; i++) {
        json_array_append_new(list, blamed(w, cells[i]));
    }
    return json_pack("{ss sI si so so}", "by", "ferryd", "at",
                     ((json_int_t)w->health.now + 1) * 3600, "hour",
                     (int)(w->health.now - w->of.opened), "tests",
                     tests(&w->health, 0, HEALTH_CELLS), "blamed", list);
}

/* ---- a look ---------------------------------------------------------------------- */

static json_t *seen_by(const struct watch *w)
{
    json_int_t arm[2] = {0, 0};

    for (size_t i = 0; i < w->len; i++) {
        arm[w->units[i].treated] += w->units[i].left < 0;
    }
    return json_pack("{so sI sI sI}", "tests", tests(&w->health, 0, HEALTH_CELLS),
                     "looks", (json_int_t)w->health.looks, "treated", arm[1], "control",
                     arm[0]);
}

static void note_look(const struct watch *w, bool alarm)
{
    json_t *body = seen_by(w);
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    struct db_query *q =
        db_ask(w->db, "INSERT INTO ticks (rollout, hour, through, alarm, body)"
                      " VALUES (?, ?, ?, ?, ?)");

    db_int(q, 0, w->of.no);
    db_int(q, 1, w->health.now);
    db_int(q, 2, w->seq);
    db_int(q, 3, alarm);
    db_text(q, 4, text);
    db_do(q);
    free(text);
    json_decref(body);
}

static void look(struct watch *w, int32_t hour)
{
    bool alarm = health_tick(&w->health, w->units, w->len, hour);

    note_look(w, alarm);
    if (alarm && w->of.plan.ladder.state == ROLLOUT_OPEN) {
        w->frozen = rollout_freeze(w->db, &w->of, hour, why_frozen(w));
    }
}

/* ---- what a look leaves ---------------------------------------------------------- */

static void save_unit(const struct watch *w, size_t i)
{
    struct db_query *q = db_ask(w->db, "UPDATE exposures SET silent = ?,"
                                       " reset_counted = ? WHERE rollout = ?"
                                       " AND device = ?");

    db_int(q, 0, w->units[i].silent);
    db_int(q, 1, w->units[i].reset_counted);
    db_int(q, 2, w->of.no);
    db_int(q, 3, w->devices[i]);
    db_do(q);
}

/* `from`: the first hour of this look. */
static void save(const struct watch *w, int32_t from)
{
    for (size_t i = 0; i < w->len; i++) {
        const struct health_unit *u = &w->units[i];
        if (u->silent >= from || u->reset_counted != w->counted[i]) {
            save_unit(w, i);
        }
    }
    rollout_save_health(w->db, w->of.no, &w->health);
    struct db_query *q = db_ask(w->db, "UPDATE rollouts SET ticked = ? WHERE no = ?");
    db_int(q, 0, w->health.now);
    db_int(q, 1, w->of.no);
    db_do(q);
}

static bool load(struct watch *w, int64_t no)
{
    uint8_t values[HEALTH_FACETS];

    if (!rollout_load(w->db, no, &w->of) || !exposure_health(w->db, no, &w->health) ||
        !exposure_load(w->db, no, &w->units, &w->devices, &w->len)) {
        return false;
    }
    exposure_values(w->db, no, values);
    health_values(&w->health, values);
    w->counted = calloc(w->len + 1, sizeof *w->counted);
    for (size_t i = 0; w->counted != NULL && i < w->len; i++) {
        w->counted[i] = w->units[i].reset_counted;
    }
    return w->counted != NULL;
}

static bool catch_up(struct watch *w, int64_t no, int32_t hour)
{
    bool good = load(w, no);

    if (good) {
        int32_t from = w->of.ticked != 0 ? w->of.ticked + 1 : w->of.opened;
        for (int32_t h = from; h <= hour; h++) {
            look(w, h);
        }
        if (from <= hour) {
            save(w, from);
            good = figures_keep(w->db, no, w->units, w->len, hour);
        }
    }
    free(w->units);
    free(w->devices);
    free(w->counted);
    return good;
}

/* ---- the event ------------------------------------------------------------------- */

/* Live ones, and those that have stopped while somebody is still watched. */
static size_t watched(struct db *db, int32_t hour, int64_t no[WATCHED_MAX])
{
    struct db_query *q = db_ask(
        db, "SELECT no FROM rollouts WHERE opened > 0 AND opened <= ? AND ticked < ?"
            " AND (state IN (1, 2) OR EXISTS (SELECT 1 FROM exposures"
            " WHERE rollout = no AND quit < 0)) ORDER BY ticked, no");
    size_t n = 0;

    _Static_assert(ROLLOUT_OPEN == 1 && ROLLOUT_FROZEN == 2, "the states of the query");
    db_int(q, 0, hour);
    db_int(q, 1, hour);
    while (n < WATCHED_MAX && db_next(q)) {
        no[n++] = db_get_int(q, 0);
    }
    db_done(q);
    return n;
}

static void tick(struct db *db, int64_t seq, int32_t hour, struct outcome *o)
{
    int64_t no[WATCHED_MAX];
    size_t n = watched(db, hour, no);
    json_t *frozen = json_array();

    outcome_say(o, 200, "", "%s", "");
    for (size_t i = 0; i < n; i++) {
        struct watch w = {.db = db, .seq = seq};
        if (!catch_up(&w, no[i], hour)) {
            outcome_say(o, 500, "", "no memory to look at rollout %lld",
                        (long long)no[i]);
            break;
        }
        if (w.frozen) {
            json_array_append_new(frozen, json_integer(no[i]));
        }
    }
    counts_keep(db, hour);
    o->answer = json_pack("{sI so}", "rollouts", (json_int_t)n, "frozen", frozen);
}

void tick_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    struct body b;

    if (body_open(&b, e->body, e->len, o)) {
        int64_t hour = body_number(&b, "hour", 0, INT32_MAX);
        if (body_good(&b) && hour >= e->at / 3600) {
            outcome_say(o, 409, "/hour", "hour %lld is not over", (long long)hour);
        } else if (body_good(&b)) {
            tick(db, seq, (int32_t)hour, o);
        }
    }
    body_close(&b);
}
