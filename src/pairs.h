/* SPDX-License-Identifier: Apache-2.0
 *
 * A CBOR map of small integer keys, and the struct it stands for: key k of the map is
 * field k of the struct. Manifests and statements are such maps.
 *
 * All of it is inline: in each library one function takes such maps, and at most one puts
 * them together. Together with these it is smaller than apart, by 50 bytes each. */
#ifndef FERRY_PAIRS_H
#define FERRY_PAIRS_H

#include "cbor.h"

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

#define FERRY_PAIRS_MAX 23U

static inline int ferry_pairs_field(void *to, const struct ferry_field *field,
                                    const struct ferry_cbor *value)
{
    void *at = (uint8_t *)to + field->at;

    if (field->len == 0 && value->major == FERRY_CBOR_UINT) {
        *(uint32_t *)at = value->arg;
    } else if (field->len != 0 && value->major == FERRY_CBOR_BSTR &&
               value->arg == field->len) {
        *(const uint8_t **)at = value->str;
    } else {
        return FERRY_E_TYPE;
    }
    return 0;
}

/* A pair that is no field: may it be passed over? */
static inline int ferry_pairs_skip(const struct ferry_cbor *key,
                                   const struct ferry_cbor *value,
                                   unsigned critical_end)
{
    bool negative = key->major == FERRY_CBOR_NINT;

    if (key->arg >= FERRY_PAIRS_KEYS_END || (!negative && key->arg < critical_end)) {
        return FERRY_E_CRIT;
    }
    return negative && value->major == FERRY_CBOR_NINT ? FERRY_E_TYPE : 0;
}

/* Take a map apart, pair by pair, into the struct at `to`. Keys from `fields_len` up to
 * `critical_end` are refused, other unknown ones skipped. 0 or FERRY_E_CBOR, _TYPE,
 * _ORDER, _CRIT. `r` then stands behind the map. */
FERRY_MUST_USE static inline int ferry_pairs_take(struct ferry_pairs *p,
                                                  struct ferry_reader *r, void *to,
                                                  const struct ferry_field *fields,
                                                  unsigned fields_len,
                                                  unsigned critical_end)
{
    struct ferry_cbor key, value;
    uint32_t next = 0; /* the least key head that may come now: in this encoding the
                        * order of keys is the order of their head bytes */

    if (ferry_cbor_read(r, &key) != 0 || key.major != FERRY_CBOR_MAP ||
        key.arg > FERRY_PAIRS_MAX) {
        return FERRY_E_CBOR;
    }
    p->has = 0;
    p->info = r->at;
    p->info_count = key.arg;
    for (uint32_t left = key.arg; left-- > 0;) {
        const uint8_t *start = r->at;
        if (ferry_cbor_read(r, &key) != 0) {
            return FERRY_E_CBOR;
        }
        if (key.major > FERRY_CBOR_NINT) {
            return FERRY_E_TYPE;
        }
        if (*start < next) {
            return FERRY_E_ORDER;
        }
        next = *start + 1U;
        if (ferry_cbor_read(r, &value) != 0 || value.major == FERRY_CBOR_MAP) {
            return FERRY_E_CBOR;
        }
        bool known = key.major == FERRY_CBOR_UINT && key.arg < fields_len;
        int err = known ? ferry_pairs_field(to, &fields[key.arg], &value)
                        : ferry_pairs_skip(&key, &value, critical_end);
        if (err != 0) {
            return err;
        }
        if (known) { /* fields come first: what follows the last one are the others */
            p->has |= UINT32_C(1) << key.arg;
            p->info = r->at;
            p->info_count = left;
        }
    }
    p->info_len = (uint32_t)(r->at - p->info);
    return 0;
}

/* Put it together again. */
static inline void ferry_pairs_put(const struct ferry_pairs *p, struct ferry_writer *w,
                                   const void *from, const struct ferry_field *fields,
                                   unsigned fields_len)
{
    uint32_t pairs = p->info_count;

    for (unsigned k = 0; k < fields_len; k++) {
        pairs += (p->has >> k) & 1U;
    }
    ferry_cbor_head(w, FERRY_CBOR_MAP, pairs);
    for (unsigned k = 0; k < fields_len; k++) {
        const void *at = (const uint8_t *)from + fields[k].at;
        if (((p->has >> k) & 1U) == 0) {
            continue;
        }
        ferry_cbor_head(w, FERRY_CBOR_UINT, k);
        if (fields[k].len != 0) {
            ferry_cbor_bstr(w, *(const uint8_t *const *)at, fields[k].len);
        } else {
            ferry_cbor_head(w, FERRY_CBOR_UINT, *(const uint32_t *)at);
        }
    }
    ferry_put(w, p->info, p->info_len);
}

#endif
