/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the promises of include/ferry/courier.h, and the words that a courier waits for.
 * Does not know what it hears instead. */
#include "phone_watch.h"

#include "bytes.h"
#include "window.h"

#define VALUES_MAX 200U /* of 244 bytes: a window twice, and the rest */
#define DAY_MS 86400000U

/* ---- what must be so ------------------------------------------------------------- */

void phone_hear_out(struct storm *s, struct world *w)
{
    uint8_t value[244];
    unsigned n = 0;

    while (ferry_courier_output(&w->courier, value, sizeof value, w->now) > 0) {
        storm_true(s, ++n < VALUES_MAX);
    }
}

void phone_work(struct storm *s, struct world *w)
{
    for (unsigned i = 0; ferry_courier_deadline(&w->courier, w->now) == 0; i++) {
        storm_true(s, i < 3);
        ferry_courier_tick(&w->courier, w->now);
    }
}

/* A wait has an end, unless only a person or a new link can end it, and a name. An error
 * without one is a number that a device said, in its one byte. */
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

void phone_watch(struct storm *s, const struct world *w)
{
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
