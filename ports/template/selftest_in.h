/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the self-test share: how a check is reported, how a call is waited
 * for, how flash is used and looked at. */
#ifndef FERRY_PORT_SELFTEST_IN_H
#define FERRY_PORT_SELFTEST_IN_H

#include "selftest.h"

#define SELFTEST_PIECE 512U /* the longest write Ferry makes */

struct selftest {
    const struct ferry_port_selftest *t;
    uint32_t failed;
    bool done_twice; /* an end was told that nobody waited for */
    bool late;       /* a call did not end in 5 s, or its slices did not */
    bool overrun;    /* a read wrote beside its buffer */
    uint32_t buf[SELFTEST_PIECE / 4];
};

void selftest_check(struct selftest *s, const char *what, bool passed);
void selftest_skip(struct selftest *s, const char *what);

/* The status of a call: its own, or the one it ended with if it was pending. */
int selftest_ended(struct selftest *s, int status);

/* ---- flash (selftest_flash.c) ---------------------------------------------------- */

bool selftest_erase(struct selftest *s, uint32_t addr);
/* Program the pattern; the buffer is spoilt at once when the call has ended. */
bool selftest_program(struct selftest *s, uint32_t addr, uint32_t len);
/* Is every byte of the run as erased; as the pattern? */
bool selftest_blank(struct selftest *s, uint32_t addr, uint32_t len);
bool selftest_holds(struct selftest *s, uint32_t addr, uint32_t len);

/* False: it does not answer, and is left alone. */
bool selftest_flash(struct selftest *s);
void selftest_lock(struct selftest *s);
void selftest_unlocked(struct selftest *s);

/* ---- the others ------------------------------------------------------------------ */

void selftest_crypto(struct selftest *s);
/* False: it stands. */
bool selftest_clock(struct selftest *s);

#endif
