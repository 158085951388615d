/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the bootloader share: boot_judge.c examines and decides, boot.c
 * reads, records, locks and hands off. */
#ifndef FERRY_BOOT_IN_H
#define FERRY_BOOT_IN_H

#include "ferry/boot.h"
#include "trial.h"

/* What a bank turned out to hold, as far as it was examined. */
struct ferry_finding {
    struct ferry_image image;
    uint32_t gates; /* FERRY_GATES_PASSED */
    uint8_t bank;
    uint8_t spare[15]; /* so that a bank's finding is a shift away, not a product */
};
_Static_assert(sizeof(struct ferry_finding) == 64, "a power of two");

/* A start, as far as it has got. Ordered for short encodings: rec is passed around most,
 * and the other small fields are near. */
struct ferry_start {
    struct ferry_boot_record rec; /* as decided */
    const struct ferry_boot_config *cfg;
    uint32_t flags;              /* FERRY_HANDOFF_* */
    uint32_t torn_commit;        /* what the application said last, finished or not */
    uint32_t torn_confirm;       /* the same */
    struct ferry_app_record app; /* what it asks */
    struct ferry_finding bank[2];
    struct ferry_journal journal;
};

/* A watchdog may be running. */
static inline void ferry_boot_alive(const struct ferry_boot_config *cfg)
{
    if (cfg->alive != NULL) {
        cfg->alive(cfg->ctx);
    }
}

/* What boots, with everything that has happened since: 0, or why nothing does. */
FERRY_MUST_USE int ferry_boot_decide(struct ferry_start *s, enum ferry_reset reset,
                                     bool expired);
/* The other bank takes over, if it may. */
bool ferry_boot_fall_back(struct ferry_start *s, enum ferry_outcome why);

#endif
