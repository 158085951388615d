/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bluetooth LE connection as the engine feels it, for one direction: an event every
 * interval, at each of them up to n values of at most MTU - 3 bytes, each of which may
 * be lost. It stands at the sending end and says how many values the link can take now;
 * it carries nothing itself. Give each end its own one with its own seed.
 *
 * Events fall on multiples of the interval, so that both ends of a link have theirs at
 * the same time; an end that speaks at an event before it listens answers what it heard
 * at earlier ones, and a round trip takes two events. Times are virtual milliseconds of
 * any wrapping clock. What is lost depends on seed and ordinal of a value, not on time. */
#ifndef FERRY_POSIX_SHAPER_H
#define FERRY_POSIX_SHAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/err.h"

struct ferry_shaper_config {
    uint32_t interval_ms; /* connection interval, 1 or more */
    uint16_t mtu;         /* ATT MTU, 23..515; a value carries 3 bytes less */
    uint8_t per_event;    /* values at one event, 1 or more */
    uint8_t catch_up;     /* events that may be made up for when the sender came late */
    uint32_t loss_ppm;    /* of values, in a million */
    uint64_t seed;
};

struct ferry_shaper {
    struct ferry_shaper_config cfg;
    /* what went by */
    uint32_t events, values, bytes, lost;
    /* Internals below. */
    uint32_t next_event; /* ms */
    uint32_t credits;    /* values the present event still takes */
    uint64_t rng;
};

/* 0, or FERRY_E_ARG. The first event is the first multiple of the interval after now. */
FERRY_MUST_USE int ferry_shaper_init(struct ferry_shaper *s,
                                     const struct ferry_shaper_config *cfg,
                                     uint32_t now_ms);

/* The link came up anew: the present event is over. */
void ferry_shaper_restart(struct ferry_shaper *s, uint32_t now_ms);

/* Values the link can take now; 0 between events. */
FERRY_MUST_USE uint32_t ferry_shaper_credits(struct ferry_shaper *s, uint32_t now_ms);

/* One of them is spent on a value of `len` bytes. True: it arrives, so send it. False:
 * it was lost on the air. Only while there are credits. */
FERRY_MUST_USE bool ferry_shaper_take(struct ferry_shaper *s, size_t len);

/* The sender has nothing more to say: the present event is over, unused credits go. */
void ferry_shaper_end(struct ferry_shaper *s);

/* Milliseconds until the next event; 0 while one is open. */
FERRY_MUST_USE uint32_t ferry_shaper_wait(const struct ferry_shaper *s,
                                          uint32_t now_ms);

/* Largest value, in bytes. */
FERRY_MUST_USE size_t ferry_shaper_value_max(const struct ferry_shaper *s);

#endif
