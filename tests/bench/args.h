/* SPDX-License-Identifier: Apache-2.0
 *
 * What the arguments of the benches have in common: numbers. */
#ifndef FERRY_BENCH_ARGS_H
#define FERRY_BENCH_ARGS_H

#include <stdbool.h>
#include <stdlib.h>

/* A whole number from 1 to `most`, and nothing behind it. */
static inline bool args_number(const char *text, unsigned most, unsigned *n)
{
    char *end;
    unsigned long v = strtoul(text, &end, 10);

    *n = (unsigned)v;
    return *text >= '0' && *text <= '9' && *end == '\0' && v > 0 && v <= most;
}

#endif
