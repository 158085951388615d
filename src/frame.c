/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how frames stand in a byte stream: where one ends, which bytes it had, and
 * whether its CRC holds. However the stream is cut, the frames are the same. Does not
 * know what a frame means, save that a chunk begins with a zero byte. */
#include "frame.h"

#include <string.h>

#include "crc.h"

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
    uint16_t crc = ferry_crc16(init, body, len);

    body[len] = (uint8_t)crc;
    body[len + 1] = (uint8_t)(crc >> 8);
    return len + 2;
}

bool ferry_frame_sealed(const uint8_t *body, size_t len, uint16_t init)
{
    if (len < 3) {
        return false;
    }
    uint16_t crc = ferry_crc16(init, body, len - 2);
    return body[len - 2] == (uint8_t)crc && body[len - 1] == (uint8_t)(crc >> 8);
}

/* ---- out ------------------------------------------------------------------------- */

enum out_step { OUT_NOTHING, OUT_LEAD, OUT_GROUP, OUT_DATA, OUT_END };

void ferry_frame_out_start(struct ferry_frame_out *out, const uint8_t *body, size_t len,
                           bool lead)
{
    out->body = body;
    out->len = (uint16_t)len;
    out->pos = 0;
    out->run = 0;
    out->skip = false;
    out->step = lead ? OUT_LEAD : OUT_GROUP;
}

bool ferry_frame_out_busy(const struct ferry_frame_out *out)
{
    return out->step != OUT_NOTHING;
}

/* Open the group that begins at pos and return its code byte. */
static uint8_t open_group(struct ferry_frame_out *out)
{
    size_t left = (size_t)out->len - out->pos;
    size_t most = left < GROUP_MAX ? left : GROUP_MAX;
    const uint8_t *from = out->body + out->pos;
    const uint8_t *zero = (const uint8_t *)memchr(from, 0, most);

    out->run = (uint8_t)(zero != NULL ? (size_t)(zero - from) : most);
    out->skip = zero != NULL;
    return (uint8_t)(out->run + 1U);
}

/* The group is sent: another one follows if bytes remain, or if the body's last byte
 * was the zero this group stood for. */
static enum out_step close_group(struct ferry_frame_out *out)
{
    bool zero_was_last = false;

    if (out->skip) {
        out->pos++;
        zero_was_last = out->pos == out->len;
    }
    return out->pos < out->len || zero_was_last ? OUT_GROUP : OUT_END;
}

static enum out_step after_group_byte(struct ferry_frame_out *out)
{
    return out->run > 0 ? OUT_DATA : close_group(out);
}

size_t ferry_frame_out(struct ferry_frame_out *out, uint8_t *buf, size_t cap)
{
    size_t n = 0;

    while (n < cap && out->step != OUT_NOTHING) {
        switch ((enum out_step)out->step) {
        case OUT_LEAD:
            buf[n++] = 0;
            out->step = OUT_GROUP;
            break;
        case OUT_GROUP:
            buf[n++] = open_group(out);
            out->step = after_group_byte(out);
            break;
        case OUT_DATA:
            buf[n++] = out->body[out->pos++];
            out->run--;
            out->step = after_group_byte(out);
            break;
        case OUT_END:
            buf[n++] = 0;
            out->step = OUT_NOTHING;
            break;
        case OUT_NOTHING:
            break;
        }
    }
    return n;
}
