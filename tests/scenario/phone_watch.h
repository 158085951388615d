/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches a courier that hears whatever one likes: what must be true of it after every
 * step. And what a device that is honest would say to it, to begin a lie with. */
#ifndef FERRY_PHONE_WATCH_H
#define FERRY_PHONE_WATCH_H

#include "storm.h"

#include "frame.h"
#include "msg.h"

struct phone_watch {
    struct storm *storm;
    uint16_t tag; /* of the frame that is being heard */
    struct ferry_frame_in in;
    uint8_t ctl[FERRY_CHUNK_MAX], chunk[FERRY_CHUNK_MAX + FERRY_CHUNK_OVER];
};

void phone_watch(struct phone_watch *p, struct storm *s);
/* The link came or went: what was half said is gone. */
void phone_watch_link(struct phone_watch *p);
/* It says all that it has to say in values of at most `cap` bytes, not without an end,
 * and nothing but the truth about its artifact. */
void phone_watch_hear(struct phone_watch *p, struct world *w, size_t cap);
/* Ticks that are due; the clock must not stand still at them. */
void phone_watch_work(struct phone_watch *p, struct world *w);
/* What must be so after a step. */
void phone_watch_step(const struct phone_watch *p, const struct world *w);

/* ---- what an honest device says -------------------------------------------------- */

struct ferry_msg phone_info(const struct ferry_courier *c);
/* All that the courier believes acked, and room for more. */
struct ferry_ack phone_ack(const struct ferry_courier *c);
/* The next piece of a statement of `total` bytes. */
struct ferry_msg phone_piece(const struct ferry_courier *c, const uint8_t *bytes,
                             uint32_t total);

#endif
