/* SPDX-License-Identifier: Apache-2.0
 *
 * A CBOR map of small integer keys, and the struct it stands for: key k of the map is
 * field k of the struct. Manifests and statements are such maps. */
#ifndef FERRY_PAIRS_H
#define FERRY_PAIRS_H

#include "bytes.h"
#include "ferry/err.h"

#define FERRY_PAIRS_KEYS_END 24U /* positive keys are below, negative ones above -25 */

/* Where a field is, and how long its string must be; len 0: a uint32_t. A string's field
 * is a pointer into the map. */
struct ferry_field {
    uint8_t at, len;
};
#define FERRY_NUMBER(type, field)                                                      \
    {                                                                                  \
        (uint8_t) offsetof(type, field), 0                                             \
    }
#define FERRY_STRING(type, field, len)                                                 \
    {                                                                                  \
        (uint8_t) offsetof(type, field), len                                           \
    }

/* The pairs of a map that were not fields, as they stand. */
struct ferry_pairs {
    uint32_t has; /* bit k: key k is there */
    const uint8_t *info;
    uint32_t info_len, info_count;
};

/* Take a map apart, pair by pair, into the struct at `to`. Keys from `fields_len` up to
 * `critical_end` are refused, other unknown ones skipped. 0 or FERRY_E_CBOR, _TYPE,
 * _ORDER, _CRIT. `r` then stands behind the map. */
FERRY_MUST_USE int ferry_pairs_take(struct ferry_pairs *p, struct ferry_reader *r,
                                    void *to, const struct ferry_field *fields,
                                    unsigned fields_len, unsigned critical_end);
/* Put it together again. */
void ferry_pairs_put(const struct ferry_pairs *p, struct ferry_writer *w,
                     const void *from, const struct ferry_field *fields,
                     unsigned fields_len);

#endif
