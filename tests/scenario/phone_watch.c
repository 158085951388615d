/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the promises of include/ferry/courier.h, and the words that a courier waits
 * for. Does not know what it hears instead. */
#include "phone_watch.h"

#include "bytes.h"
#include "window.h"

#define SAID_MAX 49152U /* bytes: a window twice, and the rest */
#define DAY_MS 86400000U

void phone_watch(struct phone_watch *p, struct storm *s)
{
    memset(p, 0, sizeof *p);
    p->storm = s;
    p->in.ctl = p->ctl;
    p->in.ctl_cap = sizeof p->ctl;
    p->in.chunk = p->chunk;
    p->in.chunk_cap = sizeof p->chunk;
}

void phone_watch_link(struct phone_watch *p)
{
    ferry_frame_in_reset(&p->in);
}

/* ---- what it says ---------------------------------------------------------------- */

/* These bytes stand in its artifact, there. */
static void said(const struct phone_watch *p, const struct world *w, size_t at,
                 const struct ferry_msg *m)
{
    const struct artifact_bytes *a = &w->artifacts[w->courier.which];

    storm_true(p->storm, at + m->rest_len <= a->len);
    storm_true(p->storm, memcmp(a->bytes + at, m->rest, m->rest_len) == 0);
}

static void said_chunk(const struct phone_watch *p, const struct world *w,
                       const struct ferry_msg *m)
{
    const struct ferry_courier *c = &w->courier;
    const struct ferry_shape *s = &c->sender.window.shape;
    uint32_t index = m->u.chunk.index, block = ferry_shape_block(s, index);
    size_t at = c->env_len + ferry_shape_off(s, index);

    storm_true(p->storm, m->rest_len == ferry_shape_chunk_len(s, index));
    if (block > 0) {
        at += ferry_table_len(c->image_len) + (block - 1) * BLOCK;
    }
    said(p, w, at, m);
}

static void said_frame(const struct phone_watch *p, const struct world *w)
{
    struct ferry_msg m;
    int err = ferry_msg_decode_ask(&m, p->in.to, p->in.len, p->tag);

    storm_true(p->storm, err == 0);
    if (p->tag != w->courier.tag) { /* begun in the session before */
        return;
    }
    if (m.type == FERRY_MSG_CHUNK) {
        said_chunk(p, w, &m);
    } else if (m.type == FERRY_MSG_OFFER) {
        storm_true(p->storm, m.u.piece.total == w->courier.env_len);
        said(p, w, m.u.piece.off, &m);
    }
}

void phone_watch_hear(struct phone_watch *p, struct world *w, size_t cap)
{
    uint8_t value[244];
    size_t len, all = 0;

    if (!p->in.any || p->in.ended) {
        p->tag = w->courier.tag;
    }
    while ((len = ferry_courier_output(&w->courier, value, cap, w->now)) > 0) {
        const uint8_t *at = value;
        enum ferry_frame_event ev;
        all += len;
        storm_true(p->storm, all < SAID_MAX);
        while ((ev = ferry_frame_in(&p->in, &at, &len)) != FERRY_FRAME_NONE) {
            storm_true(p->storm, ev == FERRY_FRAME_WHOLE);
            said_frame(p, w);
            p->tag = w->courier.tag;
        }
    }
}

/* ---- what must be so ------------------------------------------------------------- */

void phone_watch_work(struct phone_watch *p, struct world *w)
{
    for (unsigned i = 0; ferry_courier_deadline(&w->courier, w->now) == 0; i++) {
        storm_true(p->storm, i < 3);
        ferry_courier_tick(&w->courier, w->now);
    }
}

/* A wait has an end, unless only a person or a new link can end it, and a name. An
 * error without one is a number that a device said, in its one byte. */
static void waits_are_told(struct storm *s, const struct world *w,
                           const struct ferry_courier_progress *p)
{
    const struct ferry_courier *c = &w->courier;
    uint32_t left = ferry_courier_deadline(c, w->now);
    bool stays = p->wait == FERRY_WAIT_LINK || p->wait == FERRY_WAIT_PARKED ||
                 p->wait == FERRY_WAIT_REFUSED || c->state == FERRY_COURIER_DONE;
    bool failed = p->wait == FERRY_WAIT_PARKED || p->wait == FERRY_WAIT_REFUSED ||
                  p->wait == FERRY_WAIT_RETRY;

    storm_true(s, p->wait < FERRY_WAITS);
    storm_true(s, ferry_courier_wait_name(p->wait)[0] != '\0');
    storm_true(s, stays == (left == UINT32_MAX));
    storm_true(s, stays || left <= DAY_MS);
    storm_true(s, p->error <= 0 && p->error >= -255);
    storm_true(s, !failed || p->error < 0);
    storm_true(s, p->wait != FERRY_WAIT_LATER ||
                      (p->later.seconds >= 1 && p->later.seconds <= 86400));
}

void phone_watch_step(const struct phone_watch *watch, const struct world *w)
{
    struct storm *s = watch->storm;
    const struct ferry_courier *c = &w->courier;
    const struct ferry_window *win = &c->sender.window;
    struct ferry_courier_progress p;

    ferry_courier_progress(c, &p);
    storm_true(s, c->state < FERRY_COURIER_STATES);
    storm_true(s, w->reads_past_end == 0);
    storm_true(s, p.acked <= p.image_len);
    storm_true(s, p.verified <= p.acked);
    storm_true(s, p.rate <= 1U << 20);
    waits_are_told(s, w, &p);
    storm_true(s, c->setbacks <= 33);
    storm_true(s,
               win->shape.chunk == 0 || win->base <= ferry_shape_blocks(&win->shape));
    storm_true(s, c->statement_have <= FERRY_ENVELOPE_MAX);
}

/* ---- what an honest device says -------------------------------------------------- */

struct ferry_msg phone_info(const struct ferry_courier *c)
{
    static uint8_t id[16];
    struct ferry_msg m = {.type = FERRY_MSG_INFO, .bytes = {id, id}};
    struct release r;

    release_default(&r);
    memcpy(id, r.class_id, sizeof id);
    m.u.info.wire = FERRY_WIRE_VERSION;
    m.u.info.hw_rev = 3;
    m.u.info.link = r.link;
    m.u.info.window = 3;
    m.u.info.chunk = 128;
    m.u.info.tag = 0x2468;
    m.u.info.nonce = ferry_le(c->cfg->nonce, sizeof c->cfg->nonce);
    return m;
}

struct ferry_ack phone_ack(const struct ferry_courier *c)
{
    const struct ferry_window *w = &c->sender.window;
    struct ferry_ack a = {.epoch = w->epoch, .base = w->base, .credit = 3};

    if (w->shape.chunk != 0) {
        a.bits[0] = w->bits[0];
        a.bits[1] = w->bits[1];
    }
    return a;
}

struct ferry_msg phone_piece(const struct ferry_courier *c, const uint8_t *bytes,
                             uint32_t total)
{
    struct ferry_msg m = {.type = FERRY_MSG_STATEMENT, .rest = bytes};
    uint32_t off = c->statement_have;
    uint32_t left = total > off ? total - off : 0;

    m.u.piece.total = total;
    m.u.piece.off = off;
    m.rest_len = (uint16_t)(left < FERRY_PIECE_MAX ? left : FERRY_PIECE_MAX);
    return m;
}
