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

/* In contracts: the buffers are there; what is decoded goes to one of them, inside of it;
 * and what is to be sent can be read. */
/*@ predicate buffers{L}(struct ferry_frame_in *in) = \valid(in) &&
  @   (in->ctl == \null || \valid(in->ctl + (0 .. in->ctl_cap - 1))) &&
  @   (in->chunk == \null || \valid(in->chunk + (0 .. in->chunk_cap - 1))) &&
  @   \separated(in, in->ctl + (0 .. in->ctl_cap - 1)) &&
  @   \separated(in, in->chunk + (0 .. in->chunk_cap - 1));
  @ predicate aimed{L}(struct ferry_frame_in *in) = in->cap > 0 ==> in->to != \null &&
  @   ((in->to == in->ctl && in->cap <= in->ctl_cap) ||
  @    (in->to == in->chunk && in->cap <= in->chunk_cap));
  @ predicate frame_in{L}(struct ferry_frame_in *in) =
  @   buffers(in) && aimed(in) && in->len <= in->cap;
  @ predicate frame_out{L}(struct ferry_frame_out *out) =
  @   \valid(out) && \valid_read(out->at + (0 .. out->left - 1)); */

/* Forget what was decoded so far; the buffers stay. */
/*@ requires buffers(in);
  @ terminates \true;
  @ assigns in->to, in->cap, in->len, in->left, in->zero, in->bad, in->any, in->ended;
  @ ensures frame_in(in) && !in->ended; */
void ferry_frame_in_reset(struct ferry_frame_in *in);

/* The frame that is being decoded, `len` bytes of it so far, is lost. */
/*@ requires \valid(in) && len <= 0xFFFF;
  @ terminates \true;
  @ assigns in->bad, in->cap;
  @ ensures in->bad && in->cap == len; */
static inline void ferry_frame_in_drop(struct ferry_frame_in *in, unsigned len)
{
    in->bad = true;
    in->cap = (uint16_t)len; /* nothing more is stored */
}

/* Consume bytes up to and including the next frame's end. */
/*@ requires frame_in(in) && \valid(p) && \valid(len) && \separated(in, p, len);
  @ requires \valid_read(*p + (0 .. *len - 1)) && *len <= 0x7FFFFFFF;
  @ terminates \true;
  @ assigns *in, *p, *len, in->ctl[0 .. in->ctl_cap - 1],
  @   in->chunk[0 .. in->chunk_cap - 1];
  @ ensures frame_in(in) && *len <= \old(*len);
  @ ensures \valid_read(*p + (0 .. *len - 1));
  @ ensures whole: \result == FERRY_FRAME_WHOLE ==> 0 < in->len; */
enum ferry_frame_event ferry_frame_in(struct ferry_frame_in *in, const uint8_t **p,
                                      size_t *len);

/* Append the CRC to `len` bytes; returns the new length. */
/*@ requires len <= 0xFFFF && \valid(body + (0 .. len + 1));
  @ terminates \true;
  @ assigns body[len .. len + 1];
  @ ensures \result == len + 2; */
size_t ferry_frame_seal(uint8_t *body, size_t len, uint16_t init);
/* Do the last two bytes fit the ones before? */
/*@ requires \valid_read(body + (0 .. len - 1));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result ==> len > 2; */
bool ferry_frame_sealed(const uint8_t *body, size_t len, uint16_t init);

#define FERRY_FRAME_HEAD 2U /* bytes of a frame before its body */

/* Begin to send the sealed body at frame + FERRY_FRAME_HEAD: it is encoded in place, and
 * stays borrowed until ferry_frame_out_busy() is false. `lead`: a zero byte goes first,
 * so that rubbish before it costs nothing. */
/*@ requires \valid(out) && len <= 508 && \valid(frame + (0 .. len + 3));
  @ terminates \true;
  @ assigns *out, frame[0 .. len + 3];
  @ ensures frame_out(out) && 0 < out->left <= len + 4;
  @ ensures ended: out->at[out->left - 1] == 0;
  @ ensures no_other_zero: \forall integer k;
  @   1 <= k < (out->at - frame) + out->left - 1 ==> frame[k] != 0; */
void ferry_frame_out_start(struct ferry_frame_out *out, uint8_t *frame, size_t len,
                           bool lead);
/*@ requires \valid_read(out);
  @ terminates \true;
  @ assigns \nothing; */
static inline bool ferry_frame_out_busy(const struct ferry_frame_out *out)
{
    return out->left > 0;
}
/* Returns how many bytes were written, at most cap. */
/*@ requires frame_out(out) && \valid(buf + (0 .. cap - 1));
  @ requires \separated(buf + (0 .. cap - 1), out, out->at + (0 .. out->left - 1));
  @ terminates \true;
  @ assigns *out, buf[0 .. cap - 1];
  @ ensures frame_out(out) && \result <= cap; */
size_t ferry_frame_out(struct ferry_frame_out *out, uint8_t *buf, size_t cap);

#endif
