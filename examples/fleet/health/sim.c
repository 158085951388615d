/* SPDX-License-Identifier: Apache-2.0
 *
 * Each unit has a generator of its own, so that what happens to it does not hang on who
 * else there is. Contacts are a Poisson process whose rate has its week, thinned. */
#include "sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"

#define NEVER INT32_MAX

struct phone {
    uint64_t random;
    double rate;  /* contacts an hour, apart from hour and weekday */
    double clock; /* hour of the next contact that was drawn */
    double away_from, away_to;
    int32_t next;      /* the hour of it */
    int32_t lost;      /* hour of its end, for other reasons */
    int32_t installed; /* hour, or -1 */
    int32_t dies;      /* of the release: hour, or NEVER */
};

struct sim {
    struct sim_options o;
    struct phone *phone;
    struct health_unit *unit;
    size_t len;
    struct health health;
    int32_t monday; /* the opening is so many hours behind a Monday's midnight */
    double by_hour[168], most;
    void (*heard)(void *ctx, size_t unit, int32_t hour, bool reset);
    void *ctx;
};

struct sim_options sim_usual(void)
{
    return (struct sim_options){
        .seed = 1,
        .treated = 20000,
        .control = 20000,
        .share = {0.5, 0.3, 0.2},
        .rate = {4, 0.7, 0.12},
        .sigma = 0.5,
        .diurnal = 0.8,
        .weekend = 0.7,
        .away_every_d = 45,
        .away_d = 4,
        .loss_d = 0.001,
        .install = 0.9,
        .prompt = 1.3,
        .prompt_h = 48,
        .fault_revision = -1,
        .fault_share = 1,
        .fault_h = 72,
        .fault_spread_h = 6,
        .reset_d = 0.005,
        .hours = 336,
        .alpha = 0.01,
    };
}

/* ---- phones ---------------------------------------------------------------------- */

static void make_week(struct sim *s)
{
    s->most = 0;
    for (int hour = 0; hour < 168; hour++) {
        double f = 1 + s->o.diurnal * cos(2 * CHANCE_PI * (hour % 24 - 15) / 24);
        s->by_hour[hour] = f * (hour >= 120 ? s->o.weekend : 1);
        s->most = s->by_hour[hour] > s->most ? s->by_hour[hour] : s->most;
    }
    s->most *= s->o.prompt > 1 ? s->o.prompt : 1;
}

static bool is_away(struct sim *s, struct phone *p, double hour)
{
    while (p->away_to <= hour) {
        p->away_from =
            p->away_to + chance_exponential(&p->random, 24 * s->o.away_every_d);
        p->away_to = p->away_from + chance_exponential(&p->random, 24 * s->o.away_d);
    }
    return p->away_from <= hour;
}

/* Draws the next contact behind the last one drawn. */
static void next_contact(struct sim *s, struct phone *p)
{
    for (;;) {
        p->clock += chance_exponential(&p->random, 1 / (p->rate * s->most));
        double hour = floor(p->clock);
        if (hour >= s->o.hours) {
            p->next = NEVER;
            return;
        }
        int of_week = (int)fmod(hour + s->monday + 168 * 8, 168);
        double f = s->by_hour[of_week];
        if (p->installed >= 0 && hour < p->installed + s->o.prompt_h) {
            f *= s->o.prompt;
        }
        if (chance_uniform(&p->random) * s->most < f && !is_away(s, p, p->clock)) {
            p->next = (int32_t)hour;
            return;
        }
    }
}

static void tell(const struct sim *s, const struct phone *p, int32_t hour, bool reset)
{
    if (s->heard != NULL) {
        s->heard(s->ctx, (size_t)(p - s->phone), hour, reset);
    }
}

static double rate_of(struct sim *s, struct phone *p)
{
    double at = chance_uniform(&p->random);
    unsigned kind = 0;

    while (kind < SIM_KINDS - 1 && at >= s->o.share[kind]) {
        at -= s->o.share[kind++];
    }
    return s->o.rate[kind] * exp(s->o.sigma * chance_normal(&p->random)) / 24;
}

/* Four weeks before the opening: how silent this unit can be. */
static void live_before(struct sim *s, struct phone *p, struct health_unit *u)
{
    uint32_t longest = 0, gaps = 0;
    int32_t last = NEVER;

    p->clock = -HEALTH_HISTORY_H;
    p->away_from = p->away_to = -HEALTH_HISTORY_H;
    next_contact(s, p);
    while (p->next < 0) {
        if (last != NEVER && p->next > last) {
            uint32_t gap = (uint32_t)(p->next - last);
            longest = gap > longest ? gap : longest;
            gaps++;
        }
        last = p->next;
        tell(s, p, last, false);
        next_contact(s, p);
    }
    u->silence_h = health_silence(longest, gaps);
    u->known = gaps >= HEALTH_GAPS_MIN;
}

static void make_unit(struct sim *s, size_t i, uint64_t seed)
{
    struct phone *p = &s->phone[i];
    struct health_unit *u = &s->unit[i];

    memset(u, 0, sizeof *u);
    p->random = seed * UINT64_C(0x9E3779B97F4A7C15) + i * UINT64_C(0xD1B54A32D192ED03);
    p->installed = -1;
    p->dies = NEVER;
    p->rate = rate_of(s, p);
    u->treated = i < s->o.treated;
    u->value[HEALTH_HW_REV] = (uint8_t)(i % SIM_REVISIONS);
    u->value[HEALTH_REGION] = (uint8_t)(chance_draw(&p->random) % 4);
    u->value[HEALTH_FROM] = (uint8_t)(chance_draw(&p->random) % 4);
    u->value[HEALTH_PHONE] = (uint8_t)(chance_draw(&p->random) % 5);
    u->began = NEVER;
    u->left = u->silent = -1;
    p->lost = s->o.loss_d > 0
                  ? (int32_t)fmin(chance_exponential(&p->random, 24 / s->o.loss_d), 1e8)
                  : NEVER;
    live_before(s, p, u);
}

/* The release gets in, and with it its fault. */
static void install(struct sim *s, struct phone *p, const struct health_unit *u,
                    int32_t now)
{
    p->installed = now;
    if (u->value[HEALTH_HW_REV] == s->o.fault_revision &&
        chance_uniform(&p->random) < s->o.fault_share) {
        double after = s->o.fault_h + s->o.fault_spread_h * chance_normal(&p->random);
        p->dies = now + (int32_t)fmax(after, 1);
    }
}

static void contact(struct sim *s, struct phone *p, struct health_unit *u, int32_t now)
{
    if (u->began == NEVER) {
        u->began = now; /* offered, or it would have been */
    }
    if (s->o.reset_d > 0 && !u->reset) { /* since it was heard last */
        double hours = now - u->seen;
        u->reset = u->began < now &&
                   chance_uniform(&p->random) < 1 - exp(-s->o.reset_d * hours / 24);
    }
    u->reset = u->reset || (s->o.crash_loop && now >= p->dies);
    u->seen = u->told = now;
    tell(s, p, now, u->reset);
    if (u->treated && p->installed < 0 && chance_uniform(&p->random) < s->o.install) {
        install(s, p, u, now);
    }
    next_contact(s, p);
}

static bool is_alive(const struct sim *s, const struct phone *p, int32_t now)
{
    return now < p->lost && (s->o.crash_loop || now < p->dies);
}

/* ---- the instrument that everybody has ------------------------------------------- */

/* "Percent of the cohort still online 72 hours after the update, by hardware revision",
 * against the rest of the fleet, looked at every hour at the usual 5 %. */
static bool naive_alarms(const struct sim *s, int32_t now)
{
    struct stats_stratum of[SIM_REVISIONS];

    memset(of, 0, sizeof of);
    for (size_t i = 0; i < s->len; i++) {
        const struct health_unit *u = &s->unit[i];
        struct stats_stratum *r = &of[u->value[HEALTH_HW_REV]];
        bool offline = now - u->seen >= 24;
        if (u->treated && s->phone[i].installed >= 0 &&
            now - s->phone[i].installed >= HEALTH_HORIZON_H) {
            r->n_t++;
            r->with_t += offline;
        } else if (!u->treated && u->began <= now) {
            r->n_c++;
            r->with_c += offline;
        }
    }
    for (unsigned r = 0; r < SIM_REVISIONS; r++) {
        if (stats_cmh(&of[r], 1) > 1.645) {
            return true;
        }
    }
    return false;
}

/* ---- a run ----------------------------------------------------------------------- */

struct sim *sim_new(const struct sim_options *o)
{
    struct sim *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    s->o = *o;
    s->len = (size_t)o->treated + o->control;
    s->phone = calloc(s->len, sizeof *s->phone);
    s->unit = calloc(s->len, sizeof *s->unit);
    make_week(s);
    if (s->phone == NULL || s->unit == NULL) {
        sim_free(s);
        return NULL;
    }
    return s;
}

void sim_free(struct sim *s)
{
    if (s != NULL) {
        free(s->phone);
        free(s->unit);
        free(s);
    }
}

void sim_listen(struct sim *s,
                void (*heard)(void *ctx, size_t unit, int32_t hour, bool reset),
                void *ctx)
{
    s->heard = heard;
    s->ctx = ctx;
}

const struct health_unit *sim_units(const struct sim *s, size_t *len)
{
    *len = s->len;
    return s->unit;
}

const struct health *sim_health(const struct sim *s)
{
    return &s->health;
}

static void hear(struct sim *s, int32_t now)
{
    for (size_t i = 0; i < s->len; i++) {
        while (s->phone[i].next == now) {
            if (is_alive(s, &s->phone[i], now)) {
                contact(s, &s->phone[i], &s->unit[i], now);
            } else {
                s->phone[i].next = NEVER;
            }
        }
    }
}

static void freeze(struct sim *s, struct sim_result *r, int32_t now)
{
    unsigned blamed;

    r->frozen = now;
    if (health_blame(&s->health, s->unit, s->len, &blamed, 1) == 1) {
        r->blamed = blamed;
    }
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        for (unsigned t = 0; t < HEALTH_TESTS; t++) {
            r->by[t] |= s->health.cell[c].alarm[t];
        }
    }
}

struct sim_result sim_run(struct sim *s, uint64_t seed, bool go_on)
{
    static const uint8_t values[HEALTH_FACETS] = {SIM_REVISIONS, 4, 4, 5};
    struct sim_result r = {.frozen = -1, .naive = -1, .blamed = HEALTH_CELLS};
    uint64_t random = seed;

    s->monday = (int32_t)(chance_draw(&random) % 168);
    health_set_up(&s->health, s->o.alpha, values);
    for (size_t i = 0; i < s->len; i++) {
        make_unit(s, i, seed);
    }
    for (int32_t now = 0; now < s->o.hours && (r.frozen < 0 || go_on); now++) {
        hear(s, now);
        bool alarm = health_tick(&s->health, s->unit, s->len, now);
        if (r.naive < 0 && naive_alarms(s, now)) {
            r.naive = now;
        }
        if (alarm && r.frozen < 0) {
            freeze(s, &r, now);
        }
    }
    r.relative =
        health_relative(s->unit, s->len, r.blamed < HEALTH_CELLS ? r.blamed : 0,
                        s->health.now, HEALTH_HORIZON_H, &r.of_treated, &r.of_control);
    return r;
}
