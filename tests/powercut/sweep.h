/* SPDX-License-Identifier: Apache-2.0
 *
 * One life, cut at every flash operation: before each of them its world is copied, once
 * for every kind of cut, and each copy goes on from there to the end of its stage. With
 * a depth of two the copies are cut again, at every operation of what they do then. */
#ifndef POWERCUT_SWEEP_H
#define POWERCUT_SWEEP_H

#include "judge.h"

#define SWEEP_DEPTH 2U

struct sweep_cut {
    uint32_t op; /* operation of the life, or of the copy */
    uint8_t how; /* enum sim_cut */
    uint32_t variant;
};

struct sweep {
    struct plan plan;
    uint32_t number;        /* of the plan: the seed of everything */
    uint64_t seed;          /* of the run */
    unsigned depth;         /* 1 or 2 */
    uint32_t share, shares; /* only every shares-th operation is cut: share, ... */
    uint32_t
        variants[PHASES]; /* of each torn kind, by phase; the whole ones have none */
    uint32_t pace; /* operations of a life, all to be reached by `until`; 0: no hurry */
    double since;  /* sweep_run() */
    double until;  /* tally_seconds(); 0: to the end */
    /* one cut and no other */
    bool replay;
    struct sweep_cut path[SWEEP_DEPTH];
};

/* The plan with this number; 0: the smallest geometry; SWEEP_AGED + n: the same, with n
 * records in each journal to begin with. */
#define SWEEP_AGED 1000000U
void sweep_plan(struct sweep *s, uint32_t number, uint64_t seed);
/* Live it. Returns false if the time was over before its end. */
bool sweep_run(struct sweep *s, struct tally *t);
/* The operations of a life, by phase, without a cut. False: the life itself goes wrong. */
bool sweep_count(const struct sweep *s, uint32_t ops[PHASES]);
/* "number.seed:op.how.variant[/op.how.variant]": false if it is no such thing. */
bool sweep_parse(struct sweep *s, const char *text);
/* The cut at hand, the same way; for a handler of SIGABRT, too. */
const char *sweep_here(void);

#endif
