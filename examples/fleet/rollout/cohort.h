/* SPDX-License-Identifier: Apache-2.0
 *
 * Which devices a rollout is for, and which of them at which stage. Pure: a device's place
 * depends on the rollout's salt and its own id, on nothing that a phone says and on
 * nobody else. */
#ifndef FERRY_FLEET_COHORT_H
#define FERRY_FLEET_COHORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COHORT_ID_LEN 16U
#define COHORT_SALT_LEN 16U
#define COHORT_ALL 1000000U /* places: parts of a million */
#define COHORT_REGIONS_MAX 32U

/* What the server knows of a device, from its own records and signed statements. */
struct cohort_device {
    uint8_t id[COHORT_ID_LEN];
    uint8_t class_id[COHORT_ID_LEN];
    uint8_t
        group[COHORT_ID_LEN]; /* a household's, if the operator imported one; else 0 */
    uint32_t hw_rev, version;
    uint32_t floor;  /* slot << 24 | security counter, as it last said */
    uint32_t region; /* the operator's numbering, below COHORT_REGIONS_MAX */
    uint32_t tags;   /* bits, the operator's */
    uint32_t grave;  /* the version it rolled back from for its faults; 0: none */
};

struct cohort_range {
    uint32_t min, max;
};

/* Whom a rollout is for. */
struct cohort_predicate {
    struct cohort_range hw_rev, version; /* what it runs now */
    uint32_t regions;                    /* bit r: region r is in; 0: all are */
    uint32_t tags_all, tags_none;        /* it must have these, and none of those */
};

/* What the release's own manifest says: the device will check it again. */
struct cohort_release {
    uint8_t class_id[COHORT_ID_LEN];
    uint32_t version, min_from;
    uint8_t slot;
    uint32_t sec_ctr;
    struct cohort_range hw_rev;
};

/* Why a device is not eligible; names are the wire's where the device would say the same. */
enum cohort_why {
    COHORT_FITS = 0,
    COHORT_CLASS,    /* another product */
    COHORT_HW,       /* the release is not for its revision */
    COHORT_HAS_IT,   /* it runs this, or something newer */
    COHORT_MIN_FROM, /* it is too old: another release first */
    COHORT_FLOOR,    /* it would refuse it: below its floor */
    COHORT_GRAVE,    /* it rolled back from it, or from a newer one */
    COHORT_NOT_MEANT /* the predicate leaves it out */
};
enum cohort_why cohort_fits(const struct cohort_device *d,
                            const struct cohort_release *r,
                            const struct cohort_predicate *p);

/* Of a household all have one place: what is hashed is the group if there is one. */
uint32_t cohort_place(const uint8_t salt[COHORT_SALT_LEN],
                      const struct cohort_device *d);

/* A stage: the first places are offered the release, the last ones are held back to be
 * compared with. Stages only ever offer to more, and hold back no more than before:
 * nobody is evicted. */
struct cohort_stage {
    uint32_t offered, held_back; /* places, together at most COHORT_ALL */
};
enum cohort_arm { COHORT_OUTSIDE, COHORT_TREATED, COHORT_CONTROL };
enum cohort_arm cohort_arm(const struct cohort_stage *s, uint32_t place);

/* Is `next` a stage that may follow `s`? */
bool cohort_stage_follows(const struct cohort_stage *s,
                          const struct cohort_stage *next);

/* The release that a device with `from` must take on its way to `to`: the first of those
 * that must be passed through, or `to` itself. `must` is in ascending order. */
uint32_t cohort_next_hop(uint32_t from, uint32_t to, const uint32_t *must, size_t len);

#endif
