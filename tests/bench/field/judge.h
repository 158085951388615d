/* SPDX-License-Identifier: Apache-2.0
 *
 * What a field must be like. */
#ifndef FERRY_FIELD_JUDGE_H
#define FERRY_FIELD_JUDGE_H

#include "sums.h"

struct field {
    uint64_t seed;
    bool resume;
    const struct life_result *r;
    size_t n;
    unsigned image_kib;
};

/* On stderr: the command that shows the life of device `number`, from 1 on. */
void judge_name(const struct field *f, size_t number);
/* Every miss on stderr, with devices that show it; returns how many misses. */
unsigned judge_field(const struct field *f);

#endif
