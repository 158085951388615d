/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that look like chance, and come out the same from the same seed. For what is
 * simulated; nothing secret is made of them. */
#ifndef FERRY_FLEET_CHANCE_H
#define FERRY_FLEET_CHANCE_H

#include <math.h>
#include <stdint.h>

#define CHANCE_PI 3.14159265358979323846

/* splitmix64 (Steele and others, OOPSLA 2014). */
static inline uint64_t chance_draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* In (0, 1). */
static inline double chance_uniform(uint64_t *state)
{
    return ((double)(chance_draw(state) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double chance_exponential(uint64_t *state, double mean)
{
    return -mean * log(chance_uniform(state));
}

/* Of mean 0 and deviation 1. Box and Muller; the second of the pair is not kept. */
static inline double chance_normal(uint64_t *state)
{
    double r = sqrt(-2 * log(chance_uniform(state)));

    return r * cos(2 * CHANCE_PI * chance_uniform(state));
}

#endif
