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

/* In contracts: the buffers are there, and what was decoded is inside of one of them. */
/*@ predicate frame_in{L}(struct ferry_frame_in *in) = \valid(in) &&
  @   (in->ctl == \null || \valid(in->ctl + (0 .. in->ctl_cap - 1))) &&
  @   (in->chunk == \null || \valid(in->chunk + (0 .. in->chunk_cap - 1))) &&
  @   \separated(in, in->ctl + (0 .. in->ctl_cap - 1)) &&
  @   \separated(in, in->chunk + (0 .. in->chunk_cap - 1)) && in->len <= in->cap &&
  @   (in->len > 0 ==> (in->to == in->ctl && in->cap == in->ctl_cap) ||
  @                    (in->to == in->chunk && in->cap == in->chunk_cap)) &&
  @   (in->len > 0 ==> in->to != \null);
  @ predicate frame_out{L}(struct ferry_frame_out *out) = \valid(out) &&
  @   \valid_read(out->body + (0 .. out->len - 1)) && out->len < 0xFFFF &&
  @   out->skip <= 1 && (out->run == 0 ==> out->skip == 0) && out->pos + out->run <= out->len + 1 &&
  @   (out->run > 0 ==> out->pos + out->run <= out->len); */

/* Forget what was decoded so far; the buffers stay. */
/*@ requires frame_in(in);
  @ terminates \true;
  @ assigns in->to, in->cap, in->len, in->left, in->zero, in->bad, in->any, in->ended;
  @ ensures frame_in(in) && !in->ended; */
void ferry_frame_in_reset(struct ferry_frame_in *in);

/* Consume bytes up to and including the next frame's end. */
/*@ requires frame_in(in) && \valid(p) && \valid(len) && \valid_read(*p + (0 .. *len - 1));
  @ requires \separated(in, p, len);
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

/* Begin to send a sealed body, which stays borrowed until ferry_frame_out_busy() is
 * false. `lead`: a zero byte goes first, so that rubbish before it costs nothing. */
/*@ requires \valid(out) && len < 0xFFFF && \valid_read(body + (0 .. len - 1));
  @ terminates \true;
  @ assigns *out;
  @ ensures frame_out(out); */
void ferry_frame_out_start(struct ferry_frame_out *out, const uint8_t *body, size_t len,
                           bool lead);
/*@ requires \valid_read(out);
  @ terminates \true;
  @ assigns \nothing; */
static inline bool ferry_frame_out_busy(const struct ferry_frame_out *out)
{
    return out->busy;
}
/* Returns how many bytes were written, at most cap. */
/*@ requires frame_out(out) && \valid(buf + (0 .. cap - 1));
  @ requires \separated(buf + (0 .. cap - 1), out, out->body + (0 .. out->len - 1));
  @ terminates \true;
  @ assigns *out, buf[0 .. cap - 1];
  @ ensures frame_out(out) && \result <= cap; */
size_t ferry_frame_out(struct ferry_frame_out *out, uint8_t *buf, size_t cap);

#endif
