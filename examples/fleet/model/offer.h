/* SPDX-License-Identifier: Apache-2.0
 *
 * Cohort logic: who is offered what. The only place that writes offers and opens
 * exposures, in the transaction that reads the rollout's state. */
#ifndef FERRY_FLEET_OFFER_H
#define FERRY_FLEET_OFFER_H

#include "state.h"

/* The device has just been heard over a fresh nonce: its offer is made or renewed, or it
 * is held back, if any rollout wants it. `app`: the phone application's version. */
void offer_consider(struct db *db, struct state *s, const char *app, int64_t now);

#endif
