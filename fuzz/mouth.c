/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a phone would speak, and how an input makes it stray. Does not know what
 * the device makes of it. */
#include "mouth.h"

#include "window.h"

static void bring(struct mouth *m, const uint8_t *wire, size_t len)
{
    struct world *w = m->p->w;

    m->bytes += (uint32_t)len;
    while (len > 0) {
        size_t n = len < m->piece ? len : m->piece;
        ferry_device_input(&w->device, wire, n, w->now);
        wire += n;
        len -= n;
    }
}

static void say(struct mouth *m, const struct ferry_msg *msg)
{
    uint8_t wire[FRAME_WIRE_MAX];
    size_t len = peer_wire(m->p, msg, wire);

    if (m->damaged) {
        len = words_damage(m->in, wire, len);
    }
    m->damaged = false;
    bring(m, wire, len);
}

static void rest(struct mouth *m)
{
    if (m->after != NULL) {
        m->after();
    }
}

void mouth_hello(struct mouth *m)
{
    struct ferry_msg msg = {.type = FERRY_MSG_HELLO};

    msg.u.hello.wire = FERRY_WIRE_VERSION;
    msg.u.hello.value_max = 244;
    msg.u.hello.nonce = 1 + fuzz_below(m->in, 4); /* more phones are no news */
    say(m, &msg);
}

void mouth_offer(struct mouth *m, const struct cargo *c)
{
    size_t off = fuzz_below(m->in, 8) * FERRY_PIECE_MAX;

    for (off = off < c->env_len ? off : 0; off < c->env_len; off += FERRY_PIECE_MAX) {
        struct ferry_msg msg = {.type = FERRY_MSG_OFFER, .rest = c->env + off};
        size_t left = c->env_len - off;
        msg.u.piece.total = (uint32_t)c->env_len;
        msg.u.piece.off = (uint32_t)off;
        msg.rest_len = (uint16_t)(left < FERRY_PIECE_MAX ? left : FERRY_PIECE_MAX);
        say(m, &msg);
        rest(m);
    }
}

/* Nothing, where the transfer or the cargo has no such chunk. */
static void say_chunk(struct mouth *m, const struct cargo *c, uint32_t index)
{
    const struct world *w = m->p->w;
    const struct ferry_shape *s = &w->device.window.shape;
    uint32_t block = ferry_shape_block(s, index);
    uint32_t at = ferry_shape_image_before(s, block) + ferry_shape_off(s, index);
    uint32_t len = ferry_shape_chunk_len(s, index);

    if (len > 0 && at + len <= (block == 0 ? c->table_len : c->len)) {
        struct ferry_msg msg = chunk_msg(c, w, index);
        say(m, &msg);
    }
}

void mouth_run(struct mouth *m, const struct cargo *c, uint32_t first, uint32_t n)
{
    const struct ferry_window *win = &m->p->w->device.window;

    if (win->shape.chunk == 0) {
        return;
    }
    first += win->base * ferry_shape_per_block(&win->shape);
    for (uint32_t i = 0; i < n; i++) {
        say_chunk(m, c, first + i);
        rest(m);
    }
}

void mouth_chunks(struct mouth *m, const struct cargo *c)
{
    uint32_t first = fuzz_below(m->in, 80), n = 1 + fuzz_below(m->in, 40);

    mouth_run(m, c, first, n);
}

void mouth_forged_chunk(struct mouth *m)
{
    const struct ferry_window *win = &m->p->w->device.window;
    struct ferry_msg msg = {.type = FERRY_MSG_CHUNK};

    if (win->shape.chunk == 0) {
        return;
    }
    msg.u.chunk.index = ferry_window_index(win, fuzz_below(m->in, FERRY_WINDOW_CHUNKS));
    msg.rest_len = (uint16_t)ferry_shape_chunk_len(&win->shape, msg.u.chunk.index);
    msg.rest = words_junk(m->in);
    say(m, &msg);
}

void mouth_report(struct mouth *m)
{
    static uint8_t nonce[FERRY_NONCE_LEN];
    struct ferry_msg msg = {.type = FERRY_MSG_REPORT, .bytes = {nonce, NULL}};

    nonce[0] = (uint8_t)fuzz_below(m->in, 2);
    msg.u.report.off = fuzz_below(m->in, 400);
    say(m, &msg);
}

void mouth_anything(struct mouth *m)
{
    struct ferry_msg msg = words_any(m->in, false);

    say(m, &msg);
}

void mouth_sealed(struct mouth *m)
{
    uint8_t wire[FRAME_WIRE_MAX];

    bring(m, wire, words_sealed(m->in, m->p->tag, wire));
}

void mouth_raw(struct mouth *m)
{
    uint8_t wire[FRAME_WIRE_MAX];

    bring(m, wire, words_raw(m->in, wire));
}
