/* SPDX-License-Identifier: Apache-2.0
 *
 * A device: what factory and operator wrote down about it (`devices`), and what is known
 * from its signed statements (`states`). Knows both tables' columns; decides nothing. */
#ifndef FERRY_FLEET_STATE_H
#define FERRY_FLEET_STATE_H

#include "../db/db.h"
#include "../rollout/cohort.h"
#include "ferry/statement.h"
#include "life.h"

#define STATE_DIGEST_LEN 16U

struct state {
    int64_t no;
    struct cohort_device
        is;     /* version, floor, grave: zero before the first statement */
    bool heard; /* at least one statement was taken in */
    struct counters counters;
    int32_t again; /* hour of the nonce under which its counter began again, 0 never */
    struct life life;
    uint8_t digest[STATE_DIGEST_LEN];
    uint32_t resets, outcome, outcome_version, attempts, updates, rollbacks;
    uint32_t bad_signatures, transfers_bad;
    uint8_t refusals[FERRY_REFUSALS_LEN];
    int64_t rollout; /* its open exposure's, 0 none */
    int64_t newest;  /* its newest event */
};

/* False: there is no such device, or the database failed. */
bool state_load(struct db *db, int64_t device, struct state *s);

/* Its statement of this event. `app`: of the phone that brought it. */
void state_save(struct db *db, const struct state *s, const char *app, int64_t at);

#endif
