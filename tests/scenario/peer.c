/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to speak to a device without being a courier. Does not know manners. */
#include "peer.h"

#include "bytes.h"
#include "crc.h"
#include "frame.h"
#include "window.h"

#define VALUE 244U

void peer_init(struct peer *p, struct world *w, uint8_t who)
{
    memset(p, 0, sizeof *p);
    p->w = w;
    memset(p->nonce, 0x80 + who, sizeof p->nonce);
    p->tag = FERRY_CRC16_INIT;
    p->in.ctl = p->ctl;
    p->in.ctl_cap = sizeof p->ctl;
    ferry_device_link(&w->device, true, w->now);
}

/* ---- hearing --------------------------------------------------------------------- */

static void heard_piece(struct peer *p, const struct ferry_msg *m)
{
    size_t off = m->u.piece.off;

    p->pieces++;
    p->said_total = (uint16_t)m->u.piece.total;
    p->said_len = 0;
    p->none_for = (uint16_t)off;
    if (p->said_total > 0) {
        assert_true(off + m->rest_len <= sizeof p->said);
        memcpy(p->said + off, m->rest, m->rest_len);
        p->said_len = off + m->rest_len;
    }
}

static void heard(struct peer *p)
{
    struct ferry_msg m;

    if (ferry_msg_decode_reply(&m, p->in.to, p->in.len, p->tag) != 0) {
        p->other++;
    } else if (m.type == FERRY_MSG_INFO) {
        p->infos++;
        p->info = m;
        p->info_len = p->in.len;
        memcpy(p->info_body, p->in.to, p->in.len);
        if (m.u.info.flags == 0 || m.u.info.flags == FERRY_INFO_WITHHELD) {
            p->tag = (uint16_t)m.u.info.tag;
        }
    } else if (m.type == FERRY_MSG_VERDICT) {
        p->verdicts++;
        p->verdict = m;
        p->ack = m.u.verdict.ack;
    } else if (m.type == FERRY_MSG_DONE) {
        p->dones++;
        p->done = m;
    } else if (m.type == FERRY_MSG_STATEMENT) {
        heard_piece(p, &m);
    } else {
        p->acks++;
        p->ack = m.u.ack;
    }
}

static void work(struct world *w)
{
    for (unsigned i = 0; i < 100000 && ferry_device_deadline(&w->device, w->now) == 0;
         i++) {
        ferry_device_tick(&w->device, w->now);
    }
}

size_t peer_hear(struct peer *p, size_t cap)
{
    struct world *w = p->w;
    uint8_t value[VALUE];
    const uint8_t *at = value;
    size_t len =
        ferry_device_output(&w->device, value, cap < VALUE ? cap : VALUE, w->now);
    size_t left = len;
    enum ferry_frame_event ev;

    while ((ev = ferry_frame_in(&p->in, &at, &left)) != FERRY_FRAME_NONE) {
        if (ev == FERRY_FRAME_WHOLE) {
            heard(p);
        } else {
            p->other++;
        }
    }
    return len;
}

void peer_listen(struct peer *p)
{
    if (!p->slow) {
        work(p->w);
    }
    while (peer_hear(p, VALUE) > 0) {
    }
}

void peer_tick_until(struct peer *p, enum ferry_device_state s)
{
    struct world *w = p->w;

    for (unsigned i = 0; i < 1000 && w->device.state != s; i++) {
        ferry_device_tick(&w->device, w->now);
    }
    assert_int_equal(w->device.state, s);
}

/* ---- saying ---------------------------------------------------------------------- */

void peer_bytes(struct peer *p, const uint8_t *bytes, size_t len)
{
    p->infos = p->verdicts = p->acks = p->dones = p->pieces = p->other = 0;
    ferry_device_input(&p->w->device, bytes, len, p->w->now);
    peer_listen(p);
}

size_t frame_wire(const struct ferry_msg *m, uint16_t tag, bool lead, uint8_t *wire)
{
    uint8_t frame[FERRY_CHUNK_MAX + 16U];
    struct ferry_frame_out out;

    size_t len = ferry_msg_encode(m, frame + FERRY_FRAME_HEAD,
                                  sizeof frame - FERRY_FRAME_OVER, tag);
    assert_true(len > 0);
    ferry_frame_out_start(&out, frame, len, lead);
    return ferry_frame_out(&out, wire, FRAME_WIRE_MAX);
}

size_t peer_wire(const struct peer *p, const struct ferry_msg *m, uint8_t *wire)
{
    return frame_wire(m, p->tag, m->type == FERRY_MSG_HELLO, wire);
}

void peer_say(struct peer *p, const struct ferry_msg *m)
{
    uint8_t wire[FRAME_WIRE_MAX];
    size_t len = peer_wire(p, m, wire);

    peer_bytes(p, wire, len);
}

void peer_hello(struct peer *p)
{
    struct ferry_msg m = {.type = FERRY_MSG_HELLO};

    m.u.hello.wire = FERRY_WIRE_VERSION;
    m.u.hello.value_max = VALUE;
    m.u.hello.nonce = ferry_le(p->nonce, sizeof p->nonce);
    peer_say(p, &m);
}

void peer_offer(struct peer *p, const uint8_t *env, size_t len)
{
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};

    for (size_t off = 0; off < len; off += FERRY_PIECE_MAX) {
        m.u.piece.total = (uint16_t)len;
        m.u.piece.off = (uint16_t)off;
        m.rest = env + off;
        m.rest_len =
            (uint16_t)(len - off < FERRY_PIECE_MAX ? len - off : FERRY_PIECE_MAX);
        peer_say(p, &m);
    }
}

void peer_status(struct peer *p)
{
    struct ferry_msg m = {.type = FERRY_MSG_STATUS};

    m.u.status.token = ++p->token;
    peer_say(p, &m);
}

void peer_abort(struct peer *p)
{
    struct ferry_msg m = {.type = FERRY_MSG_ABORT};

    peer_say(p, &m);
}

void peer_report(struct peer *p, const uint8_t nonce[16], uint16_t off)
{
    struct ferry_msg m = {.type = FERRY_MSG_REPORT};

    m.bytes[0] = nonce;
    m.u.report.off = off;
    peer_say(p, &m);
}

struct ferry_msg chunk_msg(const struct cargo *c, const struct world *w, uint32_t index)
{
    const struct ferry_shape *s = &w->device.window.shape;
    struct ferry_msg m = {.type = FERRY_MSG_CHUNK};

    m.u.chunk.index = index;
    m.rest = cargo_chunk(c, s, index);
    m.rest_len = (uint16_t)ferry_shape_chunk_len(s, index);
    return m;
}

void peer_chunk(struct peer *p, const struct cargo *c, uint32_t index)
{
    struct ferry_msg m = chunk_msg(c, p->w, index);

    peer_say(p, &m);
}

void peer_begin(struct peer *p, const struct cargo *c)
{
    peer_hello(p);
    assert_int_equal(p->infos, 1);
    peer_offer(p, c->env, c->env_len);
    assert_int_equal(p->verdicts, 1);
    assert_int_equal(p->verdict.u.verdict.kind, FERRY_VERDICT_ACCEPT);
}

void peer_blocks(struct peer *p, const struct cargo *c, uint32_t first, uint32_t last)
{
    const struct ferry_shape s = p->w->device.window.shape;

    for (uint32_t b = first; b <= last; b++) {
        for (unsigned i = 0; i < ferry_shape_chunks(&s, b); i++) {
            peer_chunk(p, c, b * ferry_shape_per_block(&s) + i);
        }
    }
}

size_t peer_to_the_last(struct peer *p, const struct cargo *c, uint8_t *wire)
{
    const struct ferry_shape s = p->w->device.window.shape;
    uint32_t block = peer_last_block(p);
    uint32_t last =
        block * ferry_shape_per_block(&s) + ferry_shape_chunks(&s, block) - 1;

    for (uint32_t index = ferry_shape_per_block(&s); index < last; index++) {
        peer_chunk(p, c, index);
    }
    struct ferry_msg m = chunk_msg(c, p->w, last);
    return peer_wire(p, &m, wire);
}

struct world *peer_half_way(struct peer *p, const struct cargo *c, uint32_t last)
{
    struct world *w = plain_scene();

    peer_init(p, w, 1);
    peer_begin(p, c);
    peer_blocks(p, c, 0, last);
    return w;
}

uint32_t peer_last_block(const struct peer *p)
{
    return ferry_shape_blocks(&p->w->device.window.shape) - 1;
}
