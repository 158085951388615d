/* SPDX-License-Identifier: Apache-2.0
 *
 * Milliseconds as the engine wants them: monotonic, 32 bits, wrapping. With a factor
 * above 1 time is compressed: so many virtual milliseconds pass in a real one. Programs
 * with the same factor on the same machine see the same time, unless one sets its own. */
#ifndef FERRY_POSIX_CLOCK_H
#define FERRY_POSIX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct ferry_clock {
    uint32_t factor; /* virtual milliseconds in a real one, 1..1000 */
    /* Internals below. */
    uint32_t offset;  /* ms */
    uint64_t owed_us; /* virtual; asked for by pass() and not slept yet */
};

/* What a wait ended with, as bits; 0: time is up, or a signal came. */
#define FERRY_CLOCK_READABLE 1
#define FERRY_CLOCK_WRITABLE 2

/* A factor of 0 counts as 1, more than 1000 as 1000. */
void ferry_clock_init(struct ferry_clock *c, uint32_t factor);

/* From here on it is `now_ms`. */
void ferry_clock_set(struct ferry_clock *c, uint32_t now_ms);

uint32_t ferry_clock_now(const struct ferry_clock *c);

/* Sleep for `ms` virtual milliseconds (UINT32_MAX: without limit) or until `fd` has
 * something to read (an end or an error counts) or, with `to_write`, takes something.
 * `fd` may be -1: only time counts. Returns FERRY_CLOCK_* bits. A signal ends it early. */
int ferry_clock_wait(const struct ferry_clock *c, uint32_t ms, int fd, bool to_write);

/* Let `us` virtual microseconds pass, doing nothing; `clock` is a struct ferry_clock.
 * Short times are saved up until they are worth a sleep (one real millisecond). Signals
 * do not shorten it. */
void ferry_clock_pass(void *clock, uint32_t us);

#endif
