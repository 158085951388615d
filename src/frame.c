/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how frames stand in a byte stream: where one ends, which bytes it had, and
 * whether its CRC holds. However the stream is cut, the frames are the same. Does not
 * know what a frame means, save that a chunk begins with a zero byte. */
#include "frame.h"

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

/*@ requires frame_in(in);
  @ terminates \true;
  @ assigns in->to, in->cap, in->len, in->bad, in->ctl[0 .. in->ctl_cap - 1],
  @   in->chunk[0 .. in->chunk_cap - 1];
  @ ensures frame_in(in); */
static void store(struct ferry_frame_in *in, uint8_t byte)
{
    if (in->len == 0 && !in->bad) {
        in->to = byte == 0 ? in->chunk : in->ctl;
        in->cap = byte == 0 ? in->chunk_cap : in->ctl_cap;
        in->bad = in->to == NULL;
    }
    if (in->bad || in->len == in->cap) {
        in->bad = true;
        return;
    }
    in->to[in->len++] = byte;
}

/*@ requires frame_in(in);
  @ terminates \true;
  @ assigns in->to, in->cap, in->len, in->bad, in->any, in->left, in->zero, in->ctl[0 .. in->ctl_cap - 1],
  @   in->chunk[0 .. in->chunk_cap - 1];
  @ ensures frame_in(in); */
static void take(struct ferry_frame_in *in, uint8_t byte)
{
    in->any = true;
    if (in->left > 0) {
        store(in, byte);
        in->left--;
        return;
    }
    if (in->zero) {
        store(in, 0);
    }
    in->left = (uint8_t)(byte - 1U);
    in->zero = in->left < GROUP_MAX;
}

enum ferry_frame_event ferry_frame_in(struct ferry_frame_in *in, const uint8_t **p,
                                      size_t *len)
{
    if (in->ended) {
        ferry_frame_in_reset(in);
    }
    /*@ loop invariant frame_in(in) && *len <= \at(*len, Pre);
      @ loop invariant \valid_read(*p + (0 .. *len - 1));
      @ loop invariant in->ctl == \at(in->ctl, Pre) && in->chunk == \at(in->chunk, Pre);
      @ loop invariant in->ctl_cap == \at(in->ctl_cap, Pre);
      @ loop invariant in->chunk_cap == \at(in->chunk_cap, Pre);
      @ loop assigns *in, *p, *len, \at(in->ctl, Pre)[0 .. \at(in->ctl_cap, Pre) - 1],
      @   \at(in->chunk, Pre)[0 .. \at(in->chunk_cap, Pre) - 1];
      @ loop variant *len; */
    while (*len > 0) {
        uint8_t byte = **p;
        (*p)++;
        (*len)--;
        if (byte != 0) {
            take(in, byte);
        } else if (in->any) {
            in->ended = true;
            return in->bad || in->left > 0 || in->len == 0 ? FERRY_FRAME_DAMAGED
                                                           : FERRY_FRAME_WHOLE;
        }
    }
    return FERRY_FRAME_NONE;
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

void ferry_frame_out_start(struct ferry_frame_out *out, const uint8_t *body, size_t len,
                           bool lead)
{
    out->body = body;
    out->len = (uint16_t)len;
    out->pos = 0;
    out->run = 0;
    out->skip = 0;
    out->lead = lead;
    out->busy = true;
}

/* Open the group that begins at pos and return its code byte. Behind the body stands a
 * zero in thought, so every group but a full one ends in a zero; the frame ends when
 * that last one is passed. (A full group at the very end passes it, too.) */
/*@ requires frame_out(out) && out->run == 0 && out->pos <= out->len;
  @ terminates \true;
  @ assigns out->run, out->skip;
  @ ensures out->skip <= 1 && out->pos + out->run <= out->len; */
static uint8_t open_group(struct ferry_frame_out *out)
{
    unsigned run = 0;

    /*@ loop invariant run <= GROUP_MAX && out->pos + run <= out->len;
      @ loop assigns run;
      @ loop variant GROUP_MAX - run; */
    while (run < GROUP_MAX && out->pos + run < out->len &&
           out->body[out->pos + run] != 0) {
        run++;
    }
    out->run = (uint8_t)run;
    out->skip = run < GROUP_MAX || out->pos + run == out->len;
    return (uint8_t)(run + 1U);
}

/*@ requires frame_out(out);
  @ terminates \true;
  @ assigns out->lead, out->run, out->pos, out->skip, out->busy;
  @ ensures frame_out(out); */
static uint8_t next_byte(struct ferry_frame_out *out)
{
    uint8_t byte = 0;

    if (out->lead) {
        out->lead = false;
        return 0;
    }
    if (out->run > 0) {
        out->run--;
        byte = out->body[out->pos++];
    } else if (out->pos > out->len) {
        out->busy = false;
    } else {
        byte = open_group(out);
    }
    if (out->run == 0) {
        out->pos = (uint16_t)(out->pos + out->skip);
        out->skip = 0;
    }
    return byte;
}

size_t ferry_frame_out(struct ferry_frame_out *out, uint8_t *buf, size_t cap)
{
    size_t n = 0;

    /*@ loop invariant frame_out(out) && n <= cap;
      @ loop invariant out->body == \at(out->body, Pre) && out->len == \at(out->len, Pre);
      @ loop assigns n, *out, buf[0 .. cap - 1];
      @ loop variant cap - n; */
    while (n < cap && out->busy) {
        buf[n++] = next_byte(out);
    }
    return n;
}
