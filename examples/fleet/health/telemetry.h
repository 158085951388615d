/* SPDX-License-Identifier: Apache-2.0
 *
 * Other people's telemetry: who was exposed to what, and who was heard when. Knows the
 * two CSV files of ferry-health, and plays them hour by hour. */
#ifndef FERRY_FLEET_TELEMETRY_H
#define FERRY_FLEET_TELEMETRY_H

#include "health.h"

#define TELEMETRY_VALUE_MAX 32U

struct telemetry_contact {
    uint32_t unit;
    int32_t hour;
    bool reset; /* it tells of an abnormal reset since its offer */
};

struct telemetry {
    struct health_unit *unit;
    char (*name)[TELEMETRY_VALUE_MAX * 2]; /* of units, ascending */
    uint32_t len;
    struct telemetry_contact *contact; /* by hour, once read */
    size_t contacts;
    size_t strangers; /* contacts of units that were never exposed: passed over */
    char value[HEALTH_FACETS][HEALTH_VALUES_MAX][TELEMETRY_VALUE_MAX];
    uint8_t values[HEALTH_FACETS];
    int32_t first, last; /* hours: of the first exposure, and of the last contact */
};

/* False: `why` says why. */
bool telemetry_read(struct telemetry *t, const char *exposures, const char *contacts,
                    char *why, size_t cap);
void telemetry_free(struct telemetry *t);

/* All hours from the first exposure to the last contact. The hour of the first alarm, and
 * the units as they were in it (`t->unit`); -1 if there was none, and as they are in the
 * end. */
int32_t telemetry_play(struct telemetry *t, double alpha, struct health *h);

#endif
