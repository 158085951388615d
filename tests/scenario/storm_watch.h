/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches a device in a storm: keeps what was true before a step, and asks the invariants
 * of docs/FAULTS.md after it. Stands between the device and its crypto, which may be slow.
 */
#ifndef FERRY_STORM_WATCH_H
#define FERRY_STORM_WATCH_H

#include "storm.h"

#define STORM_CARGOS 3U

struct storm_watch {
    struct storm *storm;
    const struct cargo *cargo[STORM_CARGOS]; /* all that is signed */
    struct ferry_crypto real;
    bool silent;      /* a program may have done nothing, and claimed that all is well */
    bool slow;        /* the backend answers later: */
    int owed;         /* what it will say then; 0: nothing is owed */
    uint32_t genuine; /* signatures that held since the start */
    uint32_t counter; /* of statements */

    uint32_t ops_at_start; /* flash operations when the device started */
    uint32_t ops, bytes;   /* before this step; and what came in it */
    struct ferry_window window;
    uint8_t digest[FERRY_HASH_LEN];
    bool live;
    uint8_t active[64U * 1024U]; /* the bank that runs */
};

/* A new device, whose crypto and statements are watched from now on. */
void storm_watch(struct storm_watch *s, struct world *w);
/* It was started: RAM is new. */
void storm_watch_started(struct storm_watch *s, const struct world *w);
/* A slow backend's answer, if it owes one. */
void storm_watch_answer(struct storm_watch *s, struct world *w);
/* After a step. `idle`: the device was let work until there was nothing to do at once. */
void storm_watch_step(struct storm_watch *s, const struct world *w, bool idle);
/* Nothing fails any more. */
void storm_watch_all_is_well(struct world *w);
/* What was committed was signed, and is whole. */
void storm_watch_genuine(const struct storm_watch *s, const struct world *w);
/* Nothing was committed: whatever happened before, days later an honest phone gets the
 * first cargo in. */
void storm_watch_honest(struct storm_watch *s, struct world *w);

#endif
