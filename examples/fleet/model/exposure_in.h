/* SPDX-License-Identifier: Apache-2.0
 *
 * How exposures begin, are kept up to date, and end: for those who apply events. A device
 * has at most one open exposure, and `states` names it. */
#ifndef FERRY_FLEET_EXPOSURE_IN_H
#define FERRY_FLEET_EXPOSURE_IN_H

#include "exposure.h"
#include "state.h"

/* It is offered this rollout's release now, or would be; what else it had open ends.
 * `app`: the phone application's version. */
void exposure_open(struct db *db, int64_t rollout, struct state *s, bool treated,
                   const char *app, int32_t now_h);

/* Its open one, if it has any, ends unharmed. */
void exposure_close(struct db *db, struct state *s, int32_t now_h);

/* It has one in this rollout, open or not. */
struct exposure_arm {
    bool treated, open;
    uint8_t value[HEALTH_FACETS];
};
bool exposure_of(struct db *db, int64_t rollout, int64_t device,
                 struct exposure_arm *a);

/* A statement over a nonce of hour `seen`, -1 none; `told`: hour of its arrival, -1 if it
 * is not its newest word. */
void exposure_hear(struct db *db, const struct state *s, int32_t seen, int32_t told);

/* ---- kept between ticks (kept.c) ------------------------------------------------- */

/* struct health, as bytes that no compiler has a say in. */
#define KEPT_CELL (2U * STATS_THETAS * 8U + 8U + HEALTH_STRATA * 16U + 1U)
#define KEPT_LEN (24U + HEALTH_CELLS * KEPT_CELL)
void kept_write(const struct health *h, uint8_t to[KEPT_LEN]);
/* What follows from alpha is set up, not kept. False: these are no such bytes. */
bool kept_read(struct health *h, double alpha, const uint8_t *bytes, size_t len);

#endif
