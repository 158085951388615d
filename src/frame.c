/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how frames stand in a byte stream: where one ends, which bytes it had, and
 * whether its CRC holds. However the stream is cut, the frames are the same. Does not
 * know what a frame means, save that a chunk begins with a zero byte. */
#include "frame.h"

#include <string.h>

#include "bytes.h"
#include "crc.h"

#define CRC_LEN 2U
#define GROUP_MAX 254U /* data bytes a COBS group can hold */

/* ---- in -------------------------------------------------------------------------- */

void ferry_frame_in_reset(struct ferry_frame_in *in)
{
    in->to = NULL;
    in->cap = 0;
    in->len = 0;
    in->left = 0;
    in->zero = false;
    in->bad = false;
    in->any = false;
    in->ended = false;
}

/*@ predicate same_buffers{A, B}(struct ferry_frame_in *in) =
  @   \at(in->ctl, B) == \at(in->ctl, A) && \at(in->chunk, B) == \at(in->chunk, A) &&
  @   \at(in->ctl_cap, B) == \at(in->ctl_cap, A) &&
  @   \at(in->chunk_cap, B) == \at(in->chunk_cap, A); */

/* There is no room for the frame's next byte, its first if `len` is 0, which says to which
 * buffer it goes. Returns that buffer's size, or `len` if it is to be dropped. */
/*@ requires buffers(in) && aimed(in) && len <= in->cap;
  @ terminates \true;
  @ assigns in->to, in->cap, in->bad;
  @ ensures buffers(in) && aimed(in);
  @ ensures \result == in->cap && len <= \result; */
static unsigned find_room(struct ferry_frame_in *in, unsigned len, unsigned byte)
{
    if (len == 0 && !in->bad) {
        in->to = byte == 0 ? in->chunk : in->ctl;
        in->cap = byte == 0 ? in->chunk_cap : in->ctl_cap;
    }
    if (in->to == NULL || len == in->cap) {
        ferry_frame_in_drop(in, len);
    }
    return in->cap;
}

/* The loop that every byte of an update goes through: what it needs is kept at hand. */
enum ferry_frame_event ferry_frame_in(struct ferry_frame_in *in, const uint8_t **p,
                                      size_t *len)
{
    if (in->ended) {
        ferry_frame_in_reset(in);
    }
    const uint8_t *at = *p, *end = at + *len;
    unsigned done = in->len, left = in->left, cap = in->cap;
    /*@ loop invariant buffers(in) && aimed(in) && same_buffers{Pre, Here}(in);
      @ loop invariant done <= cap && cap == in->cap && left <= 0xFF;
      @ loop invariant at == end - (end - at) && 0 <= end - at <= \at(*len, Pre);
      @ loop assigns at, done, left, cap, in->to, in->cap, in->bad, in->any, in->zero,
      @   in->ended, \at(in->ctl, Pre)[0 .. \at(in->ctl_cap, Pre) - 1],
      @   \at(in->chunk, Pre)[0 .. \at(in->chunk_cap, Pre) - 1];
      @ loop variant end - at; */
    while (at < end) {
        unsigned byte = *at++;
        if (byte == 0) {
            if (in->any) {
                in->ended = true;
                break;
            }
            continue;
        }
        if (left > 0) {
            left--;
        } else {
            bool zero = in->zero;
            left = byte - 1;
            in->zero = left < GROUP_MAX;
            in->any = true;
            if (!zero) {
                continue;
            }
            byte = 0;
        }
        if (done == cap) {
            cap = find_room(in, done, byte);
            if (done == cap) {
                continue;
            }
        }
        in->to[done++] = (uint8_t)byte;
    }
    in->len = (uint16_t)done;
    in->left = (uint8_t)left;
    *len = (size_t)(end - at);
    *p = at;
    if (!in->ended) {
        return FERRY_FRAME_NONE;
    }
    return in->bad || left > 0 || done == 0 ? FERRY_FRAME_DAMAGED : FERRY_FRAME_WHOLE;
}

/* ---- the seal -------------------------------------------------------------------- */

size_t ferry_frame_seal(uint8_t *body, size_t len, uint16_t init)
{
    ferry_set_le(body + len, ferry_crc16(init, body, len), CRC_LEN);
    return len + CRC_LEN;
}

bool ferry_frame_sealed(const uint8_t *body, size_t len, uint16_t init)
{
    if (len <= CRC_LEN) {
        return false;
    }
    len -= CRC_LEN;
    return ferry_le(body + len, CRC_LEN) == ferry_crc16(init, body, len);
}

/* ---- out ------------------------------------------------------------------------- */

/* Before `len` bytes, which move up by one into the room behind them. No memmove: that is
 * larger than all of this. */
/*@ requires len <= 0xFFFF && \valid(p + (0 .. len));
  @ terminates \true;
  @ assigns p[0 .. len];
  @ ensures p[0] == 0; */
static void insert_zero(uint8_t *p, size_t len)
{
    uint8_t carried = 0;

    /*@ loop invariant p == \at(p, Pre) + (p - \at(p, Pre));
      @ loop invariant 0 <= p - \at(p, Pre) <= len + 1;
      @ loop invariant p == \at(p, Pre) ==> carried == 0;
      @ loop invariant p != \at(p, Pre) ==> \at(p, Pre)[0] == 0;
      @ loop assigns p, carried, \at(p, Pre)[0 .. len];
      @ loop variant len + 1 - (p - \at(p, Pre)); */
    for (uint8_t *end = p + len; p <= end; p++) {
        uint8_t here = *p;
        *p = carried;
        carried = here;
    }
}

/* Each group's length goes where the zero was that ends the one before. A group that is
 * full has none behind it, so there room is made for one. */
void ferry_frame_out_start(struct ferry_frame_out *out, uint8_t *frame, size_t len,
                           bool lead)
{
    uint8_t *p = frame + FERRY_FRAME_HEAD;
    unsigned run = 1; /* from the group's length to here */

    frame[0] = 0;
    /* At most one zero goes in: in front of it, and then behind it, 254 bytes are full. */
    /*@ loop invariant p == frame + (p - frame) && 1 <= run <= GROUP_MAX + 1;
      @ loop invariant 0 <= left && run + 1 <= p - frame;
      @ loop invariant len <= left + (p - frame) - 2 <= len + 1;
      @ loop invariant 255 * (left + (p - frame) - 2 - len) + run - 1 <= p - frame - 2;
      @ loop invariant \forall integer k; 1 <= k < p - frame && k != p - frame - run ==>
      @   frame[k] != 0;
      @ loop assigns p, run, left, frame[0 .. len + 3];
      @ loop variant len + 4 - (p - frame); */
    for (size_t left = len; left > 0; left--) {
        if (run > GROUP_MAX) {
            insert_zero(p, left);
            left++;
        }
        if (*p == 0) {
            *(p - run) = (uint8_t)run;
            run = 0;
        }
        p++;
        run++;
    }
    *(p - run) = (uint8_t)run;
    /*@ assert \forall integer k; 1 <= k < p - frame ==> frame[k] != 0; */
    *p++ = 0;
    out->at = lead ? frame : frame + 1;
    out->left = (uint16_t)(p - out->at);
}

size_t ferry_frame_out(struct ferry_frame_out *out, uint8_t *buf, size_t cap)
{
    size_t n = out->left < cap ? out->left : cap;

    memcpy(buf, out->at, n);
    out->at += n;
    out->left = (uint16_t)(out->left - n);
    return n;
}
