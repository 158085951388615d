/* SPDX-License-Identifier: Apache-2.0
 *
 * The other way: what stands in a row of view_health's answer, for those who draw it. */
#include <stdlib.h>

#include "view.h"

bool view_alarms(const json_t *row)
{
    const char *name;
    json_t *test;

    json_object_foreach(json_object_get(row, "tests"), name, test)
    {
        if (json_is_true(json_object_get(test, "alarm"))) {
            return true;
        }
    }
    return false;
}

struct stats_point *view_points(const json_t *curve, size_t *len)
{
    *len = json_array_size(curve);
    struct stats_point *points = calloc(*len + 1, sizeof *points);

    for (size_t i = 0; points != NULL && i < *len; i++) {
        const json_t *step = json_array_get(curve, i);
        points[i].t = (uint32_t)json_integer_value(json_array_get(step, 0));
        points[i].s = json_number_value(json_array_get(step, 1));
        points[i].se = json_number_value(json_array_get(step, 2));
    }
    *len = points == NULL ? 0 : *len;
    return points;
}
