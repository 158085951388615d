/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts of the whole fleet for people. Each hour's look leaves in `figures`, for rollout
 * 0, what it counted, and up to which row of the two streams; later only what came since
 * is counted. So the streams are told to the last row, and who was seen as of an hour. */
#ifndef FERRY_FLEET_COUNTS_H
#define FERRY_FLEET_COUNTS_H

#include <jansson.h>

#include "../db/db.h"

/* {"security": {kind: times}, "reports": {outcome: times}}, and what counts_all has of an
 * hour, if there was one. */
json_t *counts_now(struct db *db);

/* The same, and "devices", "seen_24h" and "offers", those that hold. The last two are as
 * of the end of "hour", the last one looked at; without one, as of now. */
json_t *counts_all(struct db *db, int64_t now);

/* At the end of a look at this hour. */
void counts_keep(struct db *db, int32_t hour);

#endif
