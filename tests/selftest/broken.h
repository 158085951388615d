/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports with one fault each, made from a good one: what drivers get wrong. Each knows the
 * sentence by which the self-test must name it. Runs on a host and on a target; knows
 * neither. */
#ifndef FERRY_TEST_BROKEN_H
#define FERRY_TEST_BROKEN_H

#include "selftest.h"

enum broken_how {
    /* Good ones: nothing may be said against them. */
    WELL,
    WELL_LATER,  /* every call is pending */
    WELL_SLICED, /* every erase takes three calls */

    /* flash */
    WRONG_GEOMETRY,
    ENDS_NEVER,
    SLICES_NEVER_END,
    ERASES_TOO_LITTLE,
    ERASES_ONCE,
    ERASES_NEXT_TOO,
    ERASE_FORGETS_ITS_PLACE,
    WRITES_TOO_LITTLE,
    WRITES_ROWS,
    WRITES_WITHIN_A_PAGE,
    READS_WORDS,
    READS_TOO_MUCH,
    READS_WITHIN_A_UNIT,
    READS_BUFFER_LATE,
    DONE_TWICE,
    FORGETS_AT_RESET,

    /* locks */
    LOCK_REFUSES,
    LOCK_DOES_NOTHING,
    LOCKS_ERASE_ONLY,
    LOCKS_TOO_MUCH,
    LOCKS_FOR_EVER,

    /* crypto */
    SHA_BYTE_ORDER,
    SHA_GOES_ON,
    SHA_WANTS_ALIGNMENT,
    VERIFIES_EVERYTHING,
    VERIFIES_NOTHING,
    RETURNS_ONE_FOR_VALID,
    TAKES_ANY_SLOT,
    SIGNS_WITH_ANOTHER_KEY,

    /* clock, resets, watchdog */
    CLOCK_STANDS,
    CLOCK_GOES_BACK,
    CLOCK_TOO_FAST,
    CLOCK_WRAPS_EARLY,
    RAM_IS_CLEARED,
    SOFT_IS_POWER,
    WATCHDOG_SLEEPS,
    WATCHDOG_IS_SOFT,
    CAUSES_ADD_UP,
    BROKEN_END
};

#define BROKEN_UNIT_MAX 4096U
#define BROKEN_ROOM (FERRY_PORT_SELFTEST_UNITS * BROKEN_UNIT_MAX)

/* What a fault needs to remember beyond a reset; lies where `kept` does. */
struct broken_kept {
    uint32_t magic, locked, watchdog_bit;
};

struct broken {
    enum broken_how how;
    const struct ferry_port_selftest *good; /* nothing of it is ever pending */
    struct broken_kept *kept;
    struct ferry_flash flash;
    struct ferry_crypto crypto;

    int owed[2], owing; /* ends that have not been told yet */
    uint32_t slices;    /* of the erase that is under way */
    bool erased_once;
    uint32_t late_addr, late_len; /* a write that only happens with the next call */
    const uint8_t *late_buf;
    bool hashing;
    uint32_t looks;
    uint8_t cache[BROKEN_ROOM]; /* of the three units, where nothing reaches flash */
    bool cached;
};

const char *broken_name(enum broken_how how);
/* The check that must fail first; NULL: none may. */
const char *broken_named_by(enum broken_how how);

/* At every start: break `good` in this way into `bad`. `b` is RAM like any other. */
void broken_make(struct broken *b, enum broken_how how, struct broken_kept *kept,
                 const struct ferry_port_selftest *good,
                 struct ferry_port_selftest *bad);

/* The answer to a call: as it is, or later. */
int broken_answer(struct broken *b, int status);
/* Of broken_make(): flash (broken_flash.c). */
void broken_flash(struct broken *b, struct ferry_port_selftest *bad);

#endif
