/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches a courier that hears whatever one likes: what must be true of it after every
 * step. And what a device that is honest would say to it, to begin a lie with. */
#ifndef FERRY_PHONE_WATCH_H
#define FERRY_PHONE_WATCH_H

#include "storm.h"

#include "msg.h"

/* It says all that it has to say, and not without an end. */
void phone_hear_out(struct storm *s, struct world *w);
/* Ticks that are due; the clock must not stand still at them. */
void phone_work(struct storm *s, struct world *w);
/* What must be so. */
void phone_watch(struct storm *s, const struct world *w);

/* ---- what an honest device says -------------------------------------------------- */

struct ferry_msg phone_info(const struct ferry_courier *c);
/* All that the courier believes acked, and room for more. */
struct ferry_ack phone_ack(const struct ferry_courier *c);
/* The next piece of a statement of `total` bytes. */
struct ferry_msg phone_piece(const struct ferry_courier *c, const uint8_t *bytes,
                             uint32_t total);

#endif
