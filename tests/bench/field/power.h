/* SPDX-License-Identifier: Apache-2.0
 *
 * A battery that gives out while flash is at work: where, and what it leaves. */
#ifndef FERRY_FIELD_POWER_H
#define FERRY_FIELD_POWER_H

#include "world.h"

enum power_area {
    POWER_HEADER, /* of a bank: envelope and block table */
    POWER_IMAGE,
    POWER_BOOT_JOURNAL,
    POWER_APP_JOURNAL,
    POWER_AREAS
};
const char *power_area_name(enum power_area area);
const char *power_kind_name(enum sim_cut kind);

struct power {
    struct world *w;
    uint64_t rng;
    uint32_t cuts[POWER_AREAS], kinds[SIM_CUTS];
    enum power_area area; /* of the last cut, and its kind */
    enum sim_cut kind;
};

/* From now on flash operations of `w` are cut by chance: run all that may reach flash
 * within sim_flash_hold(). */
void power_begin(struct power *p, struct world *w, uint64_t rng);

#endif
