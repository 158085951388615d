/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the bootloader share: boot_judge.c examines and decides, boot.c
 * reads, records, locks and hands off. */
#ifndef FERRY_BOOT_IN_H
#define FERRY_BOOT_IN_H

#include "ferry/boot.h"
#include "trial.h"
#include "verify.h"

/* What a bank turned out to hold, as far as it was examined. */
struct ferry_finding {
    struct ferry_image image;
    uint32_t gates; /* FERRY_GATES_PASSED */
    uint8_t bank;
    /* So that a bank's finding is a shift away, not a product. */
    uint8_t spare[64 - sizeof(struct ferry_image) - 5];
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

/* In contracts: what a start is made of; which bank its record names; and that this bank
 * was examined in this start, and passed. */
/*@ predicate config{L}(struct ferry_boot_config *c) = \valid_read(c) &&
  @   \valid_read(c->map) && \valid_read(c->flash) && \valid_read(c->handoff) &&
  @   \valid_read(c->identity) && \valid(c->room + (0 .. FERRY_BOOT_ROOM - 1));
  @ predicate start{L}(struct ferry_start *s) = \valid(s) && config(s->cfg) &&
  @   \separated(s, s->cfg, s->cfg->map, s->cfg->flash, s->cfg->handoff,
  @     s->cfg->identity, s->cfg->room + (0 .. FERRY_BOOT_ROOM - 1)) &&
  @   s->bank[0].bank == 0 && s->bank[1].bank == 1;
  @ logic integer picked{L}(struct ferry_start *s) =
  @   (s->rec.flags & FERRY_BOOT_BANK) != 0 ? 1 : 0;
  @ predicate genuine{L}(struct ferry_start *s, integer bank) =
  @   bank == 0 && s->bank[0].gates == FERRY_GATES_PASSED ||
  @   bank == 1 && s->bank[1].gates == FERRY_GATES_PASSED;
  @ logic integer own{L}(struct ferry_start *s, integer bank) = bank == 0 ?
  @   rank((uint32_t)0, s->bank[0].image.slot, s->bank[0].image.sec_ctr) :
  @   rank((uint32_t)0, s->bank[1].image.slot, s->bank[1].image.sec_ctr);
  @ predicate begun_anew{L}(struct ferry_start *s) =
  @   (s->rec.floor == own(s, 0) && (picked(s) == 0 ||
  @     genuine(s, 0) && genuine(s, 1) && s->rec.floor < own(s, 1))) ||
  @   (s->rec.floor == own(s, 1) && (picked(s) == 1 ||
  @     genuine(s, 0) && genuine(s, 1) && s->rec.floor < own(s, 0))); */

/* A watchdog may be running. */
static inline void ferry_boot_alive(const struct ferry_boot_config *cfg)
{
    if (cfg->alive != NULL) {
        cfg->alive(cfg->ctx);
    }
}

/* What boots, with everything that has happened since: 0, or why nothing does. */
/*@ requires start(s);
  @ terminates \true;
  @ assigns s->rec, s->flags, s->bank[0 .. 1], s->journal.doubt,
  @   s->cfg->room[0 .. FERRY_BOOT_ROOM - 1];
  @ ensures start(s);
  @ ensures picks: \result == 0 ==> genuine(s, picked(s));
  @ ensures never_falls: s->journal.found ==> s->rec.floor >= \old(s->rec.floor);
  @ ensures begins_anew: \result == 0 && !s->journal.found ==> begun_anew(s); */
FERRY_MUST_USE int ferry_boot_decide(struct ferry_start *s, enum ferry_reset reset,
                                     bool expired);
/* The other bank takes over, if it may. */
/*@ requires start(s);
  @ terminates \true;
  @ assigns s->rec, s->flags, s->bank[0 .. 1], s->cfg->room[0 .. FERRY_BOOT_ROOM - 1];
  @ ensures start(s);
  @ ensures picks: \result ==>
  @   picked(s) == 1 - \old(picked(s)) && genuine(s, picked(s));
  @ ensures stays: !\result ==> picked(s) == \old(picked(s)) &&
  @   (\old(genuine(s, picked(s))) ==> genuine(s, picked(s)));
  @ ensures never_falls: s->rec.floor == \old(s->rec.floor); */
bool ferry_boot_fall_back(struct ferry_start *s, enum ferry_outcome why);

#endif
