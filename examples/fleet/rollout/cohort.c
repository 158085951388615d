/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order in which reasons are named: the device's own rules first. */
#include "cohort.h"

#include <sodium.h>
#include <string.h>

#define SLOT_RECOVERY 7U
#define SEC_CTR_MASK 0xFFFFFFU

static bool within(struct cohort_range r, uint32_t n)
{
    return r.min <= n && n <= r.max;
}

/* As src/policy.c has it: a recovery's image is measured by its counter alone. */
static bool below_floor(const struct cohort_release *r, uint32_t floor)
{
    if (r->slot == SLOT_RECOVERY) {
        return r->sec_ctr < (floor & SEC_CTR_MASK);
    }
    return ((uint32_t)r->slot << 24 | r->sec_ctr) < floor;
}

/* Versions are compared under one key generation; a newer one outranks them all. */
static bool newer_slot(const struct cohort_release *r, uint32_t floor)
{
    return r->slot != SLOT_RECOVERY && r->slot > floor >> 24;
}

enum cohort_why cohort_fits(const struct cohort_device *d,
                            const struct cohort_release *r,
                            const struct cohort_predicate *p)
{
    if (memcmp(d->class_id, r->class_id, COHORT_ID_LEN) != 0) {
        return COHORT_CLASS;
    }
    if (!within(r->hw_rev, d->hw_rev)) {
        return COHORT_HW;
    }
    if (below_floor(r, d->floor)) {
        return COHORT_FLOOR;
    }
    if (d->version == r->version ||
        (d->version > r->version && !newer_slot(r, d->floor))) {
        return COHORT_HAS_IT;
    }
    if (d->version < r->min_from) {
        return COHORT_MIN_FROM;
    }
    if (d->grave >= r->version && !newer_slot(r, d->floor)) {
        return COHORT_GRAVE;
    }
    bool meant =
        within(p->hw_rev, d->hw_rev) && within(p->version, d->version) &&
        (p->regions == 0 ||
         (d->region < COHORT_REGIONS_MAX && (p->regions >> d->region & 1U) != 0)) &&
        (d->tags & p->tags_all) == p->tags_all && (d->tags & p->tags_none) == 0;
    return meant ? COHORT_FITS : COHORT_NOT_MEANT;
}

uint32_t cohort_place(const uint8_t salt[COHORT_SALT_LEN],
                      const struct cohort_device *d)
{
    static const uint8_t none[COHORT_ID_LEN];
    bool grouped = memcmp(d->group, none, sizeof none) != 0;
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state h;
    uint64_t n = 0;

    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, salt, COHORT_SALT_LEN);
    crypto_hash_sha256_update(&h, grouped ? d->group : d->id, COHORT_ID_LEN);
    crypto_hash_sha256_final(&h, hash);
    for (unsigned i = 0; i < 8; i++) {
        n = n << 8 | hash[i];
    }
    return (uint32_t)(n % COHORT_ALL); /* 2^64 is not a multiple: off by 1e-13 */
}

enum cohort_arm cohort_arm(const struct cohort_stage *s, uint32_t place)
{
    if (place < s->offered) {
        return COHORT_TREATED;
    }
    return place >= COHORT_ALL - s->held_back ? COHORT_CONTROL : COHORT_OUTSIDE;
}

bool cohort_stage_follows(const struct cohort_stage *s, const struct cohort_stage *next)
{
    return next->offered >= s->offered && next->held_back <= s->held_back &&
           next->offered <= COHORT_ALL && next->held_back <= COHORT_ALL - next->offered;
}

uint32_t cohort_next_hop(uint32_t from, uint32_t to, const uint32_t *must, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (from < must[i] && must[i] < to) {
            return must[i];
        }
    }
    return to;
}
