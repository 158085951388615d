/* SPDX-License-Identifier: Apache-2.0
 *
 * A rollout's life: its stages, what each waits for, and what people and fleet health may
 * do to it. Pure: states and acts; who stores them and in which transaction is the
 * server's business.
 *
 *              open     advance  freeze   resume  cancel     supersede  finish
 *   DRAFT      OPEN     -        -        -       CANCELLED  -          -
 *   OPEN       -        OPEN     FROZEN   -       CANCELLED  SUPERSEDED DONE
 *   FROZEN     -        -        -        OPEN    CANCELLED  SUPERSEDED -
 *   the others: nothing; what was offered keeps being watched in all of them
 *
 * Freezing stops offers and can be taken back; cancelling stops them for good; rolling
 * back is neither: it is a rollout of the old code under a higher number, and supersedes
 * this one. A successor of an unfinished rollout keeps its salt, so that the same devices
 * come first again. */
#ifndef FERRY_FLEET_ROLLOUT_H
#define FERRY_FLEET_ROLLOUT_H

#include "cohort.h"

#define ROLLOUT_STAGES_MAX 8U
#define ROLLOUT_FACETS_MAX 16U

enum rollout_state {
    ROLLOUT_DRAFT,
    ROLLOUT_OPEN,
    ROLLOUT_FROZEN,
    ROLLOUT_CANCELLED,
    ROLLOUT_SUPERSEDED,
    ROLLOUT_DONE
};

enum rollout_act {
    ROLLOUT_ACT_OPEN,
    ROLLOUT_ACT_ADVANCE,
    ROLLOUT_ACT_FREEZE,
    ROLLOUT_ACT_RESUME,
    ROLLOUT_ACT_CANCEL,
    ROLLOUT_ACT_SUPERSEDE,
    ROLLOUT_ACT_FINISH
};

struct rollout_stage {
    struct cohort_stage size;
    uint32_t dwell_h;     /* at least so long */
    double smallest_loss; /* it must be able to see a loss of this share, 0..1 */
};

struct rollout {
    enum rollout_state state;
    struct rollout_stage stage[ROLLOUT_STAGES_MAX];
    unsigned stages, at; /* at: the stage it is in */
    int32_t since;       /* hour this stage began */
    bool urgent;         /* holds nobody back: survival is not measured */
};

/* 2, 10, 50, 100 %, each at least five days, with as many held back as can be. */
void rollout_usual(struct rollout *r);

/* NULL, or why these stages are none. */
const char *rollout_bad(const struct rollout *r);

/* May this be done to it now? Then it is, at hour `now`. */
bool rollout_do(struct rollout *r, enum rollout_act act, int32_t now);

/* Are offers being made? */
bool rollout_offers(const struct rollout *r);

const char *rollout_state_name(enum rollout_state s);

/* ---- what a stage waits for ------------------------------------------------------ */

/* Units of each arm that a loss of this share needs to be seen with 90 % power at a
 * one-sided `alpha`, where a share `p` is active if all is well. */
uint32_t rollout_units_needed(double p, double loss, double alpha);
/* The smallest loss that so many can show; 1 if none can. */
double rollout_loss_seen(double p, uint32_t n, double alpha);

/* One facet value (a hardware revision) and what there is to know of it. */
struct rollout_evidence {
    uint32_t aged; /* treated units as old as the horizon */
    bool alarm;    /* fleet health */
    bool waived;   /* a named person looks away, on record */
};

enum rollout_gate {
    ROLLOUT_READY,
    ROLLOUT_DWELL,    /* it has not lasted long enough */
    ROLLOUT_EVIDENCE, /* units of some facet are not old enough, or not many enough */
    ROLLOUT_ALARMED,
    ROLLOUT_NOT_OPEN,
    ROLLOUT_LAST /* there is no stage behind this one */
};

/* May it advance? `facet` is the one that it waits for most, `needed` the units that one
 * needs. A facet that can never have enough units, all of them being aged, does not hold
 * the stage for ever: what it can see is told by rollout_loss_seen, and it must be waived
 * by name. */
enum rollout_gate rollout_gate(const struct rollout *r, int32_t now, double p,
                               double alpha, const struct rollout_evidence *facet,
                               unsigned facets, unsigned *waits_for, uint32_t *needed);

#endif
