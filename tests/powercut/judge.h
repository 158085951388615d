/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold after a power cut, and the driving of a life from there to its end. */
#ifndef POWERCUT_JUDGE_H
#define POWERCUT_JUDGE_H

#include "tally.h"

/* What may run after a cut: what ran if the operation had not begun, or if it had been
 * finished. */
struct allowed {
    struct answer a, b;
    uint8_t
        failures_left; /* of power, until a trial ends by that; each start that is cut
                            * once more takes one */
};

struct verdict {
    const char *what; /* NULL: all is well */
    enum wrong wrong;
};

/* The two clean ends of an operation that is about to begin in `from`. `scratch`: a life of
 * the same plan, to try them in. */
struct allowed judge_ends(const struct life *from, const struct sim_op *op,
                          struct life *scratch, struct tally *t);

/* The operation is cut in `to`, a copy of `from`'s life; the dice fall as `seed` wants. */
void judge_cut(struct life *to, const struct life *from, const struct sim_op *op,
               enum sim_cut how, uint64_t seed);

/* The supply is back: the first start and some more. `*decided` becomes true as soon as
 * the first one is over. */
extern bool judge_tells; /* every start, on stderr: for whoever looks at one cut */
struct verdict judge_starts(struct life *l, const struct allowed *may,
                            const struct promise *said, bool *decided, struct tally *t);
/* Then to the end of the stage. */
struct verdict judge_end(struct life *l, const struct promise *said, struct tally *t);

#endif
