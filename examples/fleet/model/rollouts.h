/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the model that move rollouts share. */
#ifndef FERRY_FLEET_ROLLOUTS_H
#define FERRY_FLEET_ROLLOUTS_H

#include "../health/health.h"
#include "body.h"
#include "rollout_json.h"

/* What an act's "reason" may be long, in bytes. */
#define REASON_MAX 200U

/* The one that a body's "rollout" names. False: there is none, 404, or the body was wrong
 * before. */
bool rollout_read(struct db *db, const struct body *b, struct rollout_row *r);

/* An open one is frozen, for what `why` says (exposure.h; taken over). False: it is not
 * open. */
bool rollout_freeze(struct db *db, struct rollout_row *r, int32_t now_h, json_t *why);

void rollout_save_place(struct db *db, const struct rollout_row *r);
/* `why`: JSON, taken over; NULL: it is not frozen. */
void rollout_save_frozen(struct db *db, int64_t no, json_t *why);
void rollout_save_health(struct db *db, int64_t no, const struct health *h);

/* Its release is published and holds; else `o` says so with this status. */
bool rollout_has_release(struct db *db, const struct rollout_plan *p, unsigned status,
                         struct outcome *o);

/* What its stage waits for, in words: "it waits for hw_rev 4: 212 of 1190 units ...". */
void rollout_wait_says(const struct rollout_row *r, const struct rollout_wait *w,
                       int32_t now_h, char *to, size_t cap);

#endif
