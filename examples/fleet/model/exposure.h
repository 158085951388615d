/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was offered what and who was held back, as fleet health wants it: rows of
 * `exposures` are struct health_unit. Knows how to open, close and load them, and how
 * struct health is kept between ticks. */
#ifndef FERRY_FLEET_EXPOSURE_H
#define FERRY_FLEET_EXPOSURE_H

#include "../db/db.h"
#include "../health/health.h"

/* All of one rollout's, in the order of their devices' numbers. False: no memory, or the
 * database failed. Free both. */
bool exposure_load(struct db *db, int64_t rollout, struct health_unit **units,
                   int64_t **devices, size_t *len);

/* The name of a facet's value in this rollout ("D", "2.1.0"); "" if there is none. */
void exposure_value_name(struct db *db, int64_t rollout, enum health_facet facet,
                         unsigned value, char *to, size_t cap);

/* struct health as it was at the rollout's last tick; zero before the first. */
bool exposure_health(struct db *db, int64_t rollout, struct health *h);

#endif
