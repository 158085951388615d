/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames on a byte stream: COBS (Cheshire and Baker, IEEE/ACM ToN 1999), a zero byte
 * after each, and a CRC-16 inside over what stands before it. */
#ifndef FERRY_FRAME_H
#define FERRY_FRAME_H

#include "ferry/parts.h"

enum ferry_frame_event {
    FERRY_FRAME_NONE,   /* every byte is consumed */
    FERRY_FRAME_WHOLE,  /* in->to holds in->len bytes until the next call */
    FERRY_FRAME_DAMAGED /* a frame was lost: over-long, cut short, or nowhere to go */
};

/* Forget what was decoded so far; the buffers stay. */
void ferry_frame_in_reset(struct ferry_frame_in *in);

/* The frame that is being decoded, `len` bytes of it so far, is lost. */
static inline void ferry_frame_in_drop(struct ferry_frame_in *in, unsigned len)
{
    in->bad = true;
    in->cap = (uint16_t)len; /* nothing more is stored */
}

/* Consume bytes up to and including the next frame's end. */
enum ferry_frame_event ferry_frame_in(struct ferry_frame_in *in, const uint8_t **p,
                                      size_t *len);

/* Append the CRC to `len` bytes; returns the new length. */
size_t ferry_frame_seal(uint8_t *body, size_t len, uint16_t init);
/* Do the last two bytes fit the ones before? */
bool ferry_frame_sealed(const uint8_t *body, size_t len, uint16_t init);

#define FERRY_FRAME_HEAD 2U /* bytes of a frame before its body */

/* Begin to send the sealed body at frame + FERRY_FRAME_HEAD: it is encoded in place, and
 * stays borrowed until ferry_frame_out_busy() is false. `lead`: a zero byte goes first,
 * so that rubbish before it costs nothing. */
void ferry_frame_out_start(struct ferry_frame_out *out, uint8_t *frame, size_t len,
                           bool lead);
static inline bool ferry_frame_out_busy(const struct ferry_frame_out *out)
{
    return out->left > 0;
}
/* Returns how many bytes were written, at most cap. */
size_t ferry_frame_out(struct ferry_frame_out *out, uint8_t *buf, size_t cap);

#endif
