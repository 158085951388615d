/* SPDX-License-Identifier: Apache-2.0
 *
 * struct health between ticks. Bounds of a rollout are over all values that facets can
 * ever have, so that they stand from its first hour on, whatever appears later: 49 cells
 * where a fleet may have 18, which costs an ln of 1. */
#include <string.h>

#include "exposure_in.h"
#include "rollout_json.h"

/* ---- bytes, the greater end first ------------------------------------------------ */

static uint8_t *put(uint8_t *at, uint64_t n, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        at[i] = (uint8_t)(n >> 8 * (len - 1 - i));
    }
    return at + len;
}

static const uint8_t *take(const uint8_t *at, uint64_t *n, unsigned len)
{
    *n = 0;
    for (unsigned i = 0; i < len; i++) {
        *n = *n << 8 | at[i];
    }
    return at + len;
}

_Static_assert(sizeof(double) == 8, "doubles are kept as IEEE 754 has them");

static uint8_t *put_real(uint8_t *at, double x)
{
    uint64_t n;

    memcpy(&n, &x, sizeof n);
    return put(at, n, 8);
}

static const uint8_t *take_real(const uint8_t *at, double *x)
{
    uint64_t n;

    at = take(at, &n, 8);
    memcpy(x, &n, sizeof n);
    return at;
}

static const uint8_t *take_32(const uint8_t *at, uint32_t *to)
{
    uint64_t n;

    at = take(at, &n, 4);
    *to = (uint32_t)n;
    return at;
}

/* ---- cells ----------------------------------------------------------------------- */

static uint8_t *put_cell(uint8_t *at, const struct health_cell *c)
{
    unsigned flags = 0;

    for (unsigned i = 0; i < STATS_THETAS; i++) {
        at = put_real(at, c->silence.ln[i]);
        at = put_real(at, c->resets.ln[i]);
    }
    at = put_real(at, c->z);
    for (unsigned s = 0; s < HEALTH_STRATA; s++) {
        at = put(at, c->active[s].n_t, 4);
        at = put(at, c->active[s].n_c, 4);
        at = put(at, c->active[s].with_t, 4);
        at = put(at, c->active[s].with_c, 4);
    }
    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        flags |= (unsigned)c->alarm[t] << 2 * t | (unsigned)c->accepted[t]
                                                      << (2 * t + 1);
    }
    return put(at, flags, 1);
}

static const uint8_t *take_cell(const uint8_t *at, struct health_cell *c)
{
    uint64_t flags;

    for (unsigned i = 0; i < STATS_THETAS; i++) {
        at = take_real(at, &c->silence.ln[i]);
        at = take_real(at, &c->resets.ln[i]);
    }
    at = take_real(at, &c->z);
    for (unsigned s = 0; s < HEALTH_STRATA; s++) {
        at = take_32(at, &c->active[s].n_t);
        at = take_32(at, &c->active[s].n_c);
        at = take_32(at, &c->active[s].with_t);
        at = take_32(at, &c->active[s].with_c);
    }
    at = take(at, &flags, 1);
    for (unsigned t = 0; t < HEALTH_TESTS; t++) {
        c->alarm[t] = (flags >> 2 * t & 1U) != 0;
        c->accepted[t] = (flags >> (2 * t + 1) & 1U) != 0;
    }
    return at;
}

/* ---- all of it ------------------------------------------------------------------- */

void kept_write(const struct health *h, uint8_t to[KEPT_LEN])
{
    to = put(to, (uint32_t)h->now, 4);
    to = put(to, h->looks, 4);
    to = put_real(to, h->z_bound);
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        to = put(to, h->values[f], 2);
    }
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        to = put_cell(to, &h->cell[c]);
    }
}

bool kept_read(struct health *h, double alpha, const uint8_t *bytes, size_t len)
{
    static const uint8_t most[HEALTH_FACETS] = {HEALTH_VALUES_MAX, HEALTH_VALUES_MAX,
                                                HEALTH_VALUES_MAX, HEALTH_VALUES_MAX};
    uint32_t now;

    health_set_up(h, alpha, most);
    if (len == 0) {
        return true; /* before its first tick */
    }
    if (len != KEPT_LEN) {
        return false;
    }
    bytes = take_32(bytes, &now);
    h->now = (int32_t)now;
    bytes = take_32(bytes, &h->looks);
    bytes = take_real(bytes, &h->z_bound);
    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        uint64_t values;
        bytes = take(bytes, &values, 2);
        h->values[f] = (uint8_t)values;
    }
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        bytes = take_cell(bytes, &h->cell[c]);
    }
    return true;
}

bool exposure_health(struct db *db, int64_t rollout, struct health *h)
{
    struct rollout_row r;
    size_t len;

    if (!rollout_load(db, rollout, &r)) {
        return false;
    }
    struct db_query *q = db_ask(db, "SELECT health FROM rollouts WHERE no = ?");
    db_int(q, 0, rollout);
    bool good = db_next(q);
    const uint8_t *bytes = db_get_blob(q, 0, &len);
    good = good && kept_read(h, r.plan.alpha, bytes, bytes != NULL ? len : 0);
    db_done(q);
    return good;
}
