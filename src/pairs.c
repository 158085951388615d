/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the one order and the one spelling that such a map may have. Does not know what
 * a key means. */
#include "pairs.h"

#include <string.h>

#include "cbor.h"

#define PAIRS_MAX 23U

static int take_field(void *to, const struct ferry_field *field,
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
static int skip(const struct ferry_cbor *key, const struct ferry_cbor *value,
                unsigned critical_end)
{
    bool negative = key->major == FERRY_CBOR_NINT;

    if (key->arg >= FERRY_PAIRS_KEYS_END || (!negative && key->arg < critical_end)) {
        return FERRY_E_CRIT;
    }
    return negative && value->major == FERRY_CBOR_NINT ? FERRY_E_TYPE : 0;
}

int ferry_pairs_take(struct ferry_pairs *p, struct ferry_reader *r, void *to,
                     const struct ferry_field *fields, unsigned fields_len,
                     unsigned critical_end)
{
    struct ferry_cbor key, value;
    uint32_t next = 0; /* the least key head that may come now: in this encoding the
                        * order of keys is the order of their head bytes */

    if (ferry_cbor_read(r, &key) != 0 || key.major != FERRY_CBOR_MAP ||
        key.arg > PAIRS_MAX) {
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
        int err = known ? take_field(to, &fields[key.arg], &value)
                        : skip(&key, &value, critical_end);
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

void ferry_pairs_put(const struct ferry_pairs *p, struct ferry_writer *w,
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
