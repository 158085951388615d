/* SPDX-License-Identifier: Apache-2.0
 *
 * Lives of a device whose supply goes at a given operation, and perhaps once more in the
 * start after it: whatever the first whole start decides, ten later starts decide, too,
 * it is the old state or the new one, and the journey can still be finished. */
#ifndef FERRY_BOOTS_LIFE_H
#define FERRY_BOOTS_LIFE_H

#include "boots.h"

struct life;

/* What runs, or may run after a cut: in this order, as a journey goes. */
enum may { MAY_OLD = 1, MAY_TRIAL = 2, MAY_NEW = 4 };

/* From one settled state to another, in steps that go on wherever the last one was cut. */
struct journey {
    const char *name;
    void (*prepare)(struct world *w);
    /* One go at it. Says in life->may what may run if the supply goes from here on. */
    void (*go)(struct life *life);
    bool (*there)(struct life *life);
    unsigned goes; /* that it takes while the supply holds */
};

extern const struct journey journey_first_start; /* from the factory */
extern const struct journey journey_update;      /* received, committed, confirmed */
extern const struct journey journey_revert;      /* three faults on trial */
extern const struct journey journey_crash_loop;  /* five faults after the confirm */
extern const struct journey journey_lost;        /* a boot journal that is gone */

/* A kind of life: one journey of one device, with so many records in its journals. */
struct life_kind {
    const struct journey *journey;
    const struct world_options *options;
    const struct cargo *from, *to;
    unsigned boot_age, app_age; /* records appended before it begins */
};

struct life {
    struct life_kind kind;
    struct world *w;
    unsigned may; /* enum may */
    bool boot;    /* the bootloader is at work, and not an application */
};

struct life_cut {
    uint32_t at; /* operation of the journey */
    enum sim_cut how;
    int again; /* operation of the start after it; negative: that one is left alone */
    enum sim_cut again_how;
    uint64_t seed;
};

/* Prepare lives of that kind, and live one without a cut: its operations. */
uint32_t life_prepare(const struct life_kind *kind);
/* One life of the kind that was prepared last. */
void life_live(const struct life_cut *cut);
/* So far: power cuts, and torn bytes that looked blank and were programmed again. */
uint64_t life_cuts(void);
uint64_t life_reused(void);

#endif
