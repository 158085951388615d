/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was offered what and who was held back, as fleet health wants it: rows of
 * `exposures` are struct health_unit. Knows how to open, close and load them, and how
 * struct health is kept between ticks. */
#ifndef FERRY_FLEET_EXPOSURE_H
#define FERRY_FLEET_EXPOSURE_H

#include "../db/db.h"
#include "../health/health.h"

/* All of one rollout's, in the order of their devices' numbers (`devices` may be NULL).
 * False: no memory, or the database failed. Free both. */
bool exposure_load(struct db *db, int64_t rollout, struct health_unit **units,
                   int64_t **devices, size_t *len);

/* The name of a facet's value in this rollout ("D", "2.1.0"); "" if there is none. */
void exposure_value_name(struct db *db, int64_t rollout, enum health_facet facet,
                         unsigned value, char *to, size_t cap);

/* How many values each facet has in this rollout by now: they are numbered from 0. */
void exposure_values(struct db *db, int64_t rollout, uint8_t values[HEALTH_FACETS]);

/* struct health as it was at the rollout's last tick; zero before the first. */
bool exposure_health(struct db *db, int64_t rollout, struct health *h);

/* The name of a facet in JSON and in routes: "hw_rev", "region", "from", "phone"; and its
 * inverse: false if it has no such name. */
const char *exposure_facet_name(enum health_facet facet);
bool exposure_facet_named(const char *name, enum health_facet *facet);

/* rollouts.frozen, as fleet health writes it; a person's freeze has "by", "at", "hour" and
 * "reason" alone:
 *
 *   {"by": "ferryd", "at": seconds, "hour": 82, "tests": ["activity"],
 *    "blamed": [{"facet": "hw_rev", "value": 2, "name": "4", "tests": ["activity"],
 *                "shown": "active", "active": {"n_t", "p_t", "n_c", "p_c", "rs", "low",
 *                "high"}, "speaking": {...}, "steady": {...}, "survival": {...}}]}
 *
 * "hour": since the rollout's opening. "blamed": worst first; its first facet is "all",
 * value 0 and name "" where none stands out. Its "tests" alarm for it or, where it stands
 * out behind everybody's alarm and has none of its own yet, for everybody. "shown": the
 * figure of the test that speaks loudest there. "speaking": no unusual silence yet
 * (silence); "active": seen in the last 24 hours (activity); "steady": no abnormal reset
 * yet (resets); "survival": at the horizon (health_relative), in which a loss begins to
 * show a day after the freeze. A number that cannot be told is null. ticks.body is
 * {"tests", "looks", "treated", "control"}: tests that alarm, and units of each arm that
 * are watched. */

#endif
