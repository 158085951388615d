/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to drive frame.c from both ends. Judges only that the decoder consumes what
 * it says it consumes. */
#include "stream.h"

#include "check.h"

void stream_raw(struct stream *s, const void *bytes, size_t len)
{
    assert_true(s->len + len <= sizeof s->bytes);
    memcpy(s->bytes + s->len, bytes, len);
    s->len += len;
}

void stream_put(struct stream *s, const uint8_t *body, size_t len, bool lead)
{
    uint8_t frame[sizeof s->bytes + FERRY_FRAME_OVER];
    struct ferry_frame_out out;

    memcpy(frame + FERRY_FRAME_HEAD, body, len);
    ferry_frame_out_start(&out, frame, len, lead);
    s->len += ferry_frame_out(&out, s->bytes + s->len, sizeof s->bytes - s->len);
    assert_false(ferry_frame_out_busy(&out));
}

void ear_open(struct ear *e, uint16_t ctl_cap, uint16_t chunk_cap)
{
    memset(e, 0, sizeof *e);
    e->in.ctl = e->ctl;
    e->in.ctl_cap = ctl_cap;
    e->in.chunk = e->chunk;
    e->in.chunk_cap = chunk_cap;
    ferry_frame_in_reset(&e->in);
}

static void note(struct ear *e, enum ferry_frame_event event)
{
    switch (event) {
    case FERRY_FRAME_NONE:
        return;
    case FERRY_FRAME_DAMAGED:
        e->damaged++;
        e->log[e->log_len++] = 'D';
        return;
    case FERRY_FRAME_WHOLE:
        e->whole++;
        e->last = e->in.to;
        e->last_len = e->in.len;
        assert_true(e->log_len + 3 + e->last_len < sizeof e->log);
        e->log[e->log_len++] = 'W';
        e->log[e->log_len++] = (uint8_t)(e->last_len >> 8);
        e->log[e->log_len++] = (uint8_t)e->last_len;
        memcpy(e->log + e->log_len, e->last, e->last_len);
        e->log_len += e->last_len;
        return;
    }
}

void ear_hear(struct ear *e, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = bytes + len;
    enum ferry_frame_event event;

    do {
        event = ferry_frame_in(&e->in, &bytes, &len);
        assert_ptr_equal(bytes + len, end);
        assert_true(event != FERRY_FRAME_NONE || len == 0);
        note(e, event);
    } while (event != FERRY_FRAME_NONE && len > 0);
}

void ear_hear_pieces(struct ear *e, const struct stream *s, size_t piece)
{
    for (size_t at = 0; at < s->len; at += piece) {
        ear_hear(e, s->bytes + at, s->len - at < piece ? s->len - at : piece);
    }
}
