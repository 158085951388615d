/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be seen, as JSON: the operators' routes send it as it is, and the page is
 * made from it. Reads only; `db` is a reader inside a transaction, so that one answer
 * is of one moment. Shapes are in server/openapi.json. NULL: there is no such thing, or
 * the database failed (db_failed tells which). The caller's references. */
#ifndef FERRY_FLEET_VIEW_H
#define FERRY_FLEET_VIEW_H

#include <jansson.h>

#include "../db/db.h"
#include "../health/health.h"

#define VIEW_PAGE 100 /* rows of a list; `before`: "next" of the page before, 0 first */

json_t *view_releases(struct db *db);
/* Counts of units, and what is waited for, as of each one's last look ("ticked"), as of now
 * before the first: cheap, however many units there are. */
json_t *view_rollouts(struct db *db, int64_t now);
/* Everything as of now. Its gate and what it waits for, its frozen sentence, counts by arm and by outcome. */
json_t *view_rollout(struct db *db, int64_t no, int64_t now);

/* The numbers of one facet: for each of its values, and for all units, p_T, p_C, RS
 * with interval, n of each arm, tests, and curves if they are asked for. */
json_t *view_health(struct db *db, int64_t no, enum health_facet facet, int32_t h,
                    bool curves);

/* One of its rows: does a test alarm? And a curve of it as points, to be freed; NULL and 0
 * of them if there is no memory. */
bool view_alarms(const json_t *row);
struct stats_point *view_points(const json_t *curve, size_t *len);

json_t *view_device(struct db *db, const char *id_hex); /* with its history */
json_t *view_devices(struct db *db, const char *id_prefix_hex);
json_t *view_security(struct db *db, int64_t before);
json_t *view_reports(struct db *db, int64_t before);
json_t *view_audit(struct db *db, int64_t before);

/* Counts of the whole fleet, for /metrics and the page: both streams as of now, who was
 * seen and what offers hold as of the hour "counted". */
json_t *view_fleet(struct db *db, int64_t now);

/* "Rollout 3 (2.1.0) was frozen ...": the page's first sentence, from what was written
 * into rollouts.frozen in that hour (model/exposure.h); "" if it is not frozen. */
void view_frozen_sentence(const json_t *rollout, char *to, size_t cap);
/* Whom a facet's value stands for, in words. */
void view_cell_words(const char *facet, const char *value, char *to, size_t cap);

/* "1,190". Returns `to`. */
#define VIEW_NUMBER 28U
const char *view_number(int64_t n, char to[VIEW_NUMBER]);

/* Seconds as "2026-11-26T12:00:00Z"; a version as "2.1.0". */
void view_time(int64_t at, char to[21]);
void view_version(uint32_t version, char to[14]);

#endif
