/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives one session over one link: tells it when the link comes and goes, gives it what
 * was received, calls output once for each value the link takes, and tick when it is
 * due. One step at a time, in the caller's thread; the caller does its own things in
 * between, and may call any verb of the session there. */
#ifndef FERRY_POSIX_PUMP_H
#define FERRY_POSIX_PUMP_H

#include "clock.h"
#include "link.h"
#include "shaper.h"

struct ferry_device;
struct ferry_courier;

struct ferry_pump {
    /* Borrowed; they outlive the pump. */
    struct ferry_clock *clock;
    struct ferry_link *link;     /* NULL or closed: down */
    struct ferry_shaper *shaper; /* NULL: values go as fast as the link takes them */
    uint16_t value_max;          /* largest value sent, bytes; yours to set */
    /* To read. */
    uint32_t said, heard; /* values, those lost by the shaper included */
    /* Internals below. */
    bool up;      /* what the session was told */
    bool changed; /* another link: the session must hear of the break */
};

/* value_max becomes the shaper's, without one 512. `shaper` may be NULL, `link`, too. */
void ferry_pump_init(struct ferry_pump *p, struct ferry_clock *clock,
                     struct ferry_link *link, struct ferry_shaper *shaper);

/* Another connection from now on, in another struct or in the same one opened anew. The
 * session hears that the old one went down. */
void ferry_pump_link(struct ferry_pump *p, struct ferry_link *link);

/* One step: do what there is to do; if that was nothing, wait at most `limit_ms` virtual
 * milliseconds (UINT32_MAX: without limit) for the session's deadline or the link, and do
 * what there is then. True: something was heard, said or ticked. A flash call inside
 * tick may block longer. A signal ends the wait. */
bool ferry_pump_device(struct ferry_pump *p, struct ferry_device *d, uint32_t limit_ms);
bool ferry_pump_courier(struct ferry_pump *p, struct ferry_courier *c,
                        uint32_t limit_ms);

#endif
