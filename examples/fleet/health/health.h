/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleet health of one rollout: is anybody who was offered the release worse off than
 * those who were held back? Pure: what it says depends on the units it is given, the
 * hours it was told before, and nothing else, so it can be computed again from raw
 * statements and must come out the same.
 *
 * Time is in whole hours of any one clock. The clock of a unit starts at its offer, for a
 * held-back unit at the contact at which it would have been offered (intention to treat).
 * Life is what a device signed over a recent nonce, dated at the nonce's issue. */
#ifndef FERRY_FLEET_HEALTH_H
#define FERRY_FLEET_HEALTH_H

#include <stdbool.h>

#include "stats.h"

#define HEALTH_HORIZON_H 72 /* of the number on the page */
#define HEALTH_LOOK_BACK_H 24
#define HEALTH_SILENCE_MIN_H 12  /* a unit's threshold of silence: 1.25 times its */
#define HEALTH_SILENCE_MAX_H 336 /* longest gap of 28 days before, clamped */
#define HEALTH_HISTORY_H 672     /* those 28 days */
#define HEALTH_GAPS_MIN 3        /* fewer known gaps: the longest threshold */
#define HEALTH_STRATA 6U

/* What units are told apart by. */
enum health_facet {
    HEALTH_HW_REV,
    HEALTH_REGION,
    HEALTH_FROM,  /* the version it had */
    HEALTH_PHONE, /* the phone application's version */
    HEALTH_FACETS
};
#define HEALTH_VALUES_MAX 12U /* of one facet; what is rarer shares the last */
#define HEALTH_CELLS (1U + HEALTH_FACETS * HEALTH_VALUES_MAX) /* 0: everybody */

struct health_unit {
    bool treated;
    bool known; /* enough gaps before: it takes part in the activity test */
    uint8_t value[HEALTH_FACETS];
    uint16_t silence_h; /* threshold */
    int32_t began;      /* hour of its offer, or would-be offer */
    int32_t seen;       /* hour of its newest sign of life; at least `began` */
    int32_t told;       /* hour it was last heard: only then it can tell of resets */
    int32_t left;       /* hour it left unharmed (a rescue, another rollout), or -1 */
    int32_t silent;     /* hour its first silence was declared, or -1; set by a tick */
    bool reset;         /* it has had an abnormal reset since `began` */
    bool reset_counted; /* set by a tick */
};

enum health_test { HEALTH_SILENCE, HEALTH_ACTIVITY, HEALTH_RESETS, HEALTH_TESTS };

struct health_cell {
    struct stats_e silence, resets;
    double z;                                   /* activity, at the last tick */
    struct stats_stratum active[HEALTH_STRATA]; /* with: not seen in 24 hours */
    bool alarm[HEALTH_TESTS];
    bool accepted[HEALTH_TESTS];
};

/* Of a rollout; all of it is zero before the first tick, but for what is set up. */
struct health {
    double alpha;       /* false freezes, over all tests, facets and looks */
    unsigned cells_len; /* cells that can exist in this fleet: bounds are over these */
    uint8_t values[HEALTH_FACETS]; /* how many values each facet has, at most */
    int32_t now;                   /* hour of the last tick */
    uint32_t looks;                /* at the activity test */
    double z_bound, ln_e_bound[HEALTH_TESTS];
    struct health_cell cell[HEALTH_CELLS];
};

/* `values`: how many values each facet has in the fleet. */
void health_set_up(struct health *h, double alpha, const uint8_t values[HEALTH_FACETS]);

/* So many values have appeared by now, at most as many as it was set up for. */
void health_values(struct health *h, const uint8_t values[HEALTH_FACETS]);

/* A person has seen what alarms now, and goes on: only what else alarms is an alarm. */
void health_accept(struct health *h);

/* The silence that is unusual for a unit with these gaps before its offer. */
uint16_t health_silence(uint32_t longest_gap_h, uint32_t gaps);

/* The hour `now`, which is behind the last one; hours in between are caught up first by
 * the caller, one by one. True: something is alarming. */
bool health_tick(struct health *h, struct health_unit *units, size_t len, int32_t now);

/* A cell's facet and value; cell 0 is everybody. */
unsigned health_cell_of(enum health_facet facet, unsigned value);

/* Which cells are to blame, worst first: the alarming one with the lowest share of active
 * units against control first, then those that still alarm without its units. Where
 * everybody alarms alone: the one value without whose units nothing would be wrong, though
 * it has not alarmed yet. Returns how many of `cells` (room for `max`) were filled. Cell
 * 0: no facet stands out. */
unsigned health_blame(const struct health *h, const struct health_unit *units,
                      size_t len, unsigned *cells, unsigned max);

/* The number on the page for one cell: of units as old as the horizon, those that showed
 * life at or after horizon - look-back. */
struct stats_ratio health_relative(const struct health_unit *units, size_t len,
                                   unsigned cell, int32_t now, int32_t horizon_h,
                                   struct stats_share *treated,
                                   struct stats_share *control);

/* Shares of one cell's units that are watched, by what each test looks at: those whose
 * silence was never unusual; those active in the last 24 hours, of those that can be
 * asked; those without an abnormal reset. */
struct stats_ratio health_speaking(const struct health_unit *units, size_t len,
                                   unsigned cell, int32_t now,
                                   struct stats_share *treated,
                                   struct stats_share *control);
struct stats_ratio health_active(const struct health_unit *units, size_t len,
                                 unsigned cell, int32_t now,
                                 struct stats_share *treated,
                                 struct stats_share *control);
struct stats_ratio health_steady(const struct health_unit *units, size_t len,
                                 unsigned cell, int32_t now,
                                 struct stats_share *treated,
                                 struct stats_share *control);

/* Survival by age for one cell and arm: first silences, by Kaplan and Meier. `events` and
 * `leavers` are room for `len` counts each. */
void health_curve(const struct health_unit *units, size_t n, unsigned cell,
                  bool treated, int32_t now, uint32_t *events, uint32_t *leavers,
                  size_t len, struct stats_point *points);

#endif
