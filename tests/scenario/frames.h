/* SPDX-License-Identifier: Apache-2.0
 *
 * A man in the middle who thinks in frames: every value is taken apart, each whole frame
 * is shown to the scenario, which may drop it, double it or write another in its place.
 * Half a frame is held back until its end arrives. */
#ifndef FERRY_FRAMES_H
#define FERRY_FRAMES_H

#include "scene.h"

#include "msg.h"

#define TO_DEVICE 0U
#define TO_COURIER 1U

struct frame {
    unsigned direction;
    uint8_t body[FERRY_CHUNK_MAX + 16U]; /* decoded, with CRC */
    size_t len;
    bool good; /* its CRC holds: */
    struct ferry_msg msg;
    bool drop;  /* to be set: it never arrives */
    bool twice; /* it arrives twice */
    bool spoil; /* one of its bits is turned over */
    bool fresh; /* body was rewritten and sealed again */
};

struct frames;
typedef void (*frames_see)(struct frames *f, struct world *w, struct frame *frame);

struct frames {
    frames_see see; /* may be NULL: only count */
    void *ctx;
    uint16_t held_len[2];
    uint8_t held[2][FERRY_CHUNK_MAX + 32U];
    /* what passed, by the low nibble of its type */
    uint32_t passed[2][16];
    uint32_t damaged[2];
    /* acked chunks that were sent all the same; needs no loss on the way back */
    struct ferry_ack acked;
    struct ferry_shape shape;
    uint32_t sent_though_acked;
};

/* Put it between the two ends of this world. */
void frames_between(struct world *w, struct frames *f, frames_see see, void *ctx);
/* The link went down: half frames are gone. */
void frames_cut(struct frames *f);

bool is_chunk(const struct frame *frame);
bool is_image_chunk(const struct frame *frame, const struct world *w);
bool is_ack(const struct frame *frame);
/* Seal the body anew after its payload was changed. */
void frame_forge(struct frame *frame, uint16_t tag);

#endif
