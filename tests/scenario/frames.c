/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how frames stand in values. Does not know what the scenario wants with them. */
#include "frames.h"

#include "frame.h"
#include "window.h"

bool is_chunk(const struct frame *frame)
{
    return frame->direction == TO_DEVICE && frame->good &&
           frame->msg.type == FERRY_MSG_CHUNK;
}

bool is_image_chunk(const struct frame *frame, const struct world *w)
{
    return is_chunk(frame) && frame->msg.u.chunk.index >= BLOCK / w->opt.chunk;
}

bool is_ack(const struct frame *frame)
{
    return frame->direction == TO_COURIER && frame->good &&
           frame->msg.type == FERRY_MSG_ACK;
}

void frame_forge(struct frame *frame, uint16_t tag)
{
    frame->len = ferry_frame_seal(frame->body, frame->len - 2, tag);
    frame->fresh = true;
}

/* Decode one frame's wire bytes, delimiter included. */
static void take_apart(struct world *w, unsigned direction, const uint8_t *wire,
                       size_t len, struct frame *frame)
{
    struct ferry_frame_in in = {0};
    uint8_t chunk[sizeof frame->body], ctl[sizeof frame->body];

    in.chunk = chunk;
    in.ctl = ctl;
    in.chunk_cap = in.ctl_cap = sizeof frame->body;
    memset(frame, 0, sizeof *frame);
    frame->direction = direction;
    if (ferry_frame_in(&in, &wire, &len) != FERRY_FRAME_WHOLE) {
        return;
    }
    frame->len = in.len;
    memcpy(frame->body, in.to, in.len);
    if (direction == TO_DEVICE) {
        frame->good = ferry_msg_decode_ask(&frame->msg, frame->body, frame->len,
                                           w->device.tag) == 0;
    } else {
        frame->good = ferry_msg_decode_reply(&frame->msg, frame->body, frame->len,
                                             w->courier.tag) == 0;
    }
}

/* What the courier has heard acked it must not send again. */
static void account(struct frames *f, struct world *w, const struct frame *frame)
{
    struct ferry_window seen = {.shape = w->device.window.shape};

    if (frame->direction == TO_COURIER) {
        if (frame->msg.type == FERRY_MSG_ACK && w->device.live) {
            f->acked = frame->msg.u.ack;
        } else if (frame->msg.type == FERRY_MSG_VERDICT &&
                   frame->msg.u.verdict.kind == FERRY_VERDICT_ACCEPT) {
            f->acked = frame->msg.u.verdict.ack;
        }
        return;
    }
    if (frame->msg.type != FERRY_MSG_CHUNK || seen.shape.chunk == 0) {
        return;
    }
    seen.base = (uint16_t)f->acked.base;
    seen.bits[0] = f->acked.bits[0];
    seen.bits[1] = f->acked.bits[1];
    uint32_t index = frame->msg.u.chunk.index;
    int row = ferry_window_row(&seen, index);
    bool before = index / ferry_shape_per_block(&seen.shape) < seen.base;
    f->sent_though_acked +=
        before || (row >= 0 && ferry_window_has(&seen, (unsigned)row));
}

static void append(struct sim_value *v, const uint8_t *wire, size_t len)
{
    assert_true(v->len + len <= sizeof v->bytes);
    memcpy(v->bytes + v->len, wire, len);
    v->len = (uint16_t)(v->len + len);
}

static void pass(struct sim_value *v, const struct frame *frame, const uint8_t *wire,
                 size_t len)
{
    uint8_t fresh[sizeof frame->body + FERRY_FRAME_OVER], again[2 * FERRY_CHUNK_MAX];
    struct ferry_frame_out out;

    if (frame->fresh) {
        memcpy(fresh + FERRY_FRAME_HEAD, frame->body, frame->len);
        ferry_frame_out_start(&out, fresh, frame->len, false);
        len = ferry_frame_out(&out, again, sizeof again);
        wire = again;
    }
    append(v, wire, len);
    if (frame->spoil) { /* not into a zero, nor out of one */
        v->bytes[v->len - 2U] ^= v->bytes[v->len - 2U] == 0x02 ? 0x04 : 0x02;
    }
    if (frame->twice) {
        append(v, wire, len);
    }
}

static void whole(struct frames *f, struct world *w, unsigned direction,
                  struct sim_value *v)
{
    struct frame frame;
    size_t len = f->held_len[direction];

    f->held_len[direction] = 0;
    if (len == 1) { /* a leading delimiter */
        append(v, f->held[direction], 1);
        return;
    }
    take_apart(w, direction, f->held[direction], len, &frame);
    if (frame.good) {
        f->passed[direction][frame.msg.type & 0x0FU]++;
        account(f, w, &frame);
    } else {
        f->damaged[direction]++;
    }
    if (f->see != NULL) {
        f->see(f, w, &frame);
    }
    if (!frame.drop) {
        pass(v, &frame, f->held[direction], len);
    }
}

static void between(struct world *w, unsigned direction, struct sim_value *v)
{
    struct frames *f = w->middle_ctx;
    struct sim_value came = *v;

    v->len = 0;
    for (uint16_t i = 0; i < came.len; i++) {
        uint16_t *n = &f->held_len[direction];
        if (*n == sizeof f->held[direction]) { /* no frame is that long */
            append(v, f->held[direction], *n);
            *n = 0;
        }
        f->held[direction][(*n)++] = came.bytes[i];
        if (came.bytes[i] == 0) {
            whole(f, w, direction, v);
        }
    }
}

void frames_between(struct world *w, struct frames *f, frames_see see, void *ctx)
{
    memset(f, 0, sizeof *f);
    f->see = see;
    f->ctx = ctx;
    w->middle = between;
    w->middle_ctx = f;
}

void frames_cut(struct frames *f)
{
    f->held_len[0] = 0;
    f->held_len[1] = 0;
}
