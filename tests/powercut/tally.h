/* SPDX-License-Identifier: Apache-2.0
 *
 * What was counted, and how it is told: a line of JSON a second on standard output, for
 * run.py. */
#ifndef POWERCUT_TALLY_H
#define POWERCUT_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "life.h"

enum wrong {
    WRONG_BRICK, /* nothing boots, or the update cannot be brought to its end */
    WRONG_BOOT,  /* neither old nor new, not genuine, or not the same at every start */
    WRONG_ACK,   /* what was acked, or said to boot, or to be confirmed, is lost */
    WRONGS
};

struct tally {
    uint64_t cuts[PHASES][SIM_CUTS];
    uint64_t second; /* of them, cuts into what followed another */
    uint64_t wrongs[WRONGS];
    uint64_t starts;   /* of the bootloader */
    uint64_t lives;    /* from the factory on */
    uint64_t done, of; /* of a run that has an end: so much of so much */
};

/* Print it, with this name for what was run, at most once a second unless `now`. */
void tally_tell(const char *name, const struct tally *t, bool now);
/* A promise was broken: print what, and how to see it again. */
void tally_wrong(struct tally *t, enum wrong wrong, const char *what,
                 const char *replay);
/* Seconds of real time since the first call. */
double tally_seconds(void);

#endif
