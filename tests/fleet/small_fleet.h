/* SPDX-License-Identifier: Apache-2.0
 *
 * A small fleet, made by hand and lived through hour by hour, for tests of fleet health.
 * Knows who is in which arm and of which revision; asserts nothing. Behind cmocka.h. */
#ifndef FERRY_TESTS_FLEET_SMALL_FLEET_H
#define FERRY_TESTS_FLEET_SMALL_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "health.h"

#define N 2000

static struct health health;
static struct health_unit unit[N];

/* Half of them treated, four revisions and two regions, all offered at hour 0 and heard
 * every hour since. */
static inline void fleet(double alpha)
{
    static const uint8_t values[HEALTH_FACETS] = {4, 2, 1, 1};

    health_set_up(&health, alpha, values);
    for (unsigned i = 0; i < N; i++) {
        unit[i] = (struct health_unit){.treated = i % 2 == 0,
                                       .known = true,
                                       .value = {i / 2 % 4, i / 8 % 2, 0, 0},
                                       .silence_h = 24,
                                       .left = -1,
                                       .silent = -1};
    }
}

/* Everybody is heard, but for those that `dead` says are not. True: an alarm. */
static inline bool hours(int32_t from, int32_t to,
                         bool (*dead)(const struct health_unit *u))
{
    bool alarm = false;

    for (int32_t now = from; now < to; now++) {
        for (unsigned i = 0; i < N; i++) {
            if (dead == NULL || !dead(&unit[i])) {
                unit[i].seen = unit[i].told = now;
            }
        }
        alarm = health_tick(&health, unit, N, now);
    }
    return alarm;
}

static inline bool treated_of_2(const struct health_unit *u)
{
    return u->treated && u->value[HEALTH_HW_REV] == 2;
}

static inline bool all_of_2(const struct health_unit *u)
{
    return u->value[HEALTH_HW_REV] == 2;
}

static inline bool everybody(const struct health_unit *u)
{
    (void)u;
    return true;
}

static inline bool treated(const struct health_unit *u)
{
    return u->treated;
}

#endif
