/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of a rollout's units for people. Counted from all of them, which takes time in
 * proportion; so each hour's look, which has them in memory, leaves them in `figures`,
 * and a page costs the same however many units there are. Decides nothing. */
#ifndef FERRY_FLEET_FIGURES_H
#define FERRY_FLEET_FIGURES_H

#include <jansson.h>

#include "../db/db.h"
#include "../health/health.h"

struct figures {
    struct figures_arm {
        json_int_t n, silent, resets;
    } arm[2]; /* held back; treated */
    struct {
        json_int_t treated, aged; /* aged: treated and watched to the horizon */
    } revision[HEALTH_VALUES_MAX];
    json_int_t control_aged, control_active; /* active at the horizon */
};

/* As of now, from all units. False: no memory, or the database failed. */
bool figures_now(struct db *db, int64_t rollout, int32_t now_h, struct figures *f);
/* As of the last look, in `figures`; as of now if there was none. */
bool figures_kept(struct db *db, int64_t rollout, int32_t now_h, struct figures *f);

/* {"n_t", "n_c": units of each arm, "p_t", "p_c": their shares, "rs", "low", "high"}; null
 * where a number cannot be told. */
json_t *figures_ratio(struct stats_ratio r, struct stats_share t, struct stats_share c);

/* A row for everybody, then one for each of the `values` of a facet by its number: survival
 * to `h` hours, and beside it "active": seen in the last 24 hours, and "steady": no abnormal
 * reset yet; with curves also "curve": {"treated": [[age in hours, survival, standard error]
 * ...], "control": ...}. NULL: no memory. */
json_t *figures_rows(const struct health_unit *units, size_t len,
                     enum health_facet facet, unsigned values, int32_t now, int32_t h,
                     bool curves);

/* At the end of a look at the hour `now`: all of the above for people. False: no memory. */
bool figures_keep(struct db *db, int64_t rollout, const struct health_unit *units,
                  size_t len, int32_t now);
/* The rows that were kept: of the facet HEALTH_HW_REV, at the usual horizon. NULL: none
 * were. */
json_t *figures_kept_rows(struct db *db, int64_t rollout, bool curves);

#endif
