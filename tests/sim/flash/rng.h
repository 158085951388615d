/* SPDX-License-Identifier: Apache-2.0
 *
 * One repeatable stream of random numbers (xorshift64*, Vigna, ACM TOMS 2016). */
#ifndef FERRY_SIM_RNG_H
#define FERRY_SIM_RNG_H

#include <stdint.h>

static inline uint64_t rng_next(uint64_t *s)
{
    *s ^= *s >> 12;
    *s ^= *s << 25;
    *s ^= *s >> 27;
    return *s * 0x2545F4914F6CDD1DULL;
}

/* A number below n. */
static inline uint32_t rng_below(uint64_t *s, uint32_t n)
{
    return (uint32_t)((rng_next(s) >> 32) * n >> 32);
}

/* True `ppm` times in a million. */
static inline int rng_chance(uint64_t *s, uint32_t ppm)
{
    return rng_below(s, 1000000U) < ppm;
}

#endif
