/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the courier's journey: HELLO, choosing the artifact that fits, OFFER, chunks as
 * the device's acks allow, and what to do about silence, loss and refusal. Trusts the
 * device with nothing either: whatever it says, this neither loops nor runs past the
 * artifact's end. Holds no key and decides nothing about trust. */
#include "ferry/courier.h"

#include <string.h>

#include "bytes.h"
#include "courier_in.h"
#include "crc.h"
#include "frame.h"
#include "retry.h"
#include "sender.h"
#include "window.h"

#define RESUMES_MAX 5U
#define RESUME_SHIFT_MAX 2U /* after 1, 2, 4, 4, 4 s */
#define BUDGET 3U
#define SETBACKS_MAX 32U
#define TENTH_MS 100U /* the unit of an ack's `wait` */

typedef enum ferry_courier_state next_state;

/* ---- ends ------------------------------------------------------------------------ */

static bool over(const struct ferry_courier *c)
{
    return c->state == FERRY_COURIER_DONE || c->state == FERRY_COURIER_REFUSED;
}

static bool talking(next_state state)
{
    return state >= FERRY_COURIER_HELLO && state <= FERRY_COURIER_SEND;
}

/* The link is dead for now. Everything the device has, it keeps. */
static next_state park(struct ferry_courier *c, int err)
{
    uint8_t shift = c->resumes < RESUME_SHIFT_MAX ? c->resumes : RESUME_SHIFT_MAX;

    c->error = err;
    c->counts.parks++;
    c->will_resume = !c->cfg->stay_parked && c->resumes < RESUMES_MAX;
    c->resume_at = c->now + (1000U << shift);
    return FERRY_COURIER_PARKED;
}

static next_state finish(struct ferry_courier *c, int err)
{
    c->error = err;
    return FERRY_COURIER_DONE;
}

next_state ferry_courier_refused(struct ferry_courier *c, int err)
{
    c->error = err;
    return FERRY_COURIER_REFUSED;
}

static next_state hello(struct ferry_courier *c)
{
    c->owes_hello = true;
    c->error = 0;
    c->reason = FERRY_REASON_NONE;
    ferry_retry_start(&c->retry, c->now);
    return FERRY_COURIER_HELLO;
}

static next_state offer(struct ferry_courier *c)
{
    c->env_sent = 0;
    c->moved_at = c->now;
    c->reason = FERRY_REASON_NONE;
    ferry_retry_start(&c->retry, c->now);
    return FERRY_COURIER_OFFER;
}

/* A device's code for a transfer that ended: worth another try, or not. */
static next_state ended(struct ferry_courier *c, uint8_t code)
{
    int err = -(int)code;

    if (err == 0) {
        return finish(c, 0);
    }
    bool again = err == FERRY_E_BLOCK || err == FERRY_E_BLOCKS || err == FERRY_E_HASH ||
                 (err <= FERRY_E_FLASH && err > FERRY_E_LEN);
    return again ? park(c, err) : ferry_courier_refused(c, err);
}

/* ---- what the device says -------------------------------------------------------- */

static next_state heard_info(struct ferry_courier *c, const struct ferry_msg *m)
{
    if ((m->u.info.flags & FERRY_INFO_LOST) != 0 ||
        m->u.info.nonce != ferry_le(c->cfg->nonce, sizeof c->cfg->nonce)) {
        /* It speaks to somebody else, or lost the session we believe in. */
        if (c->state == FERRY_COURIER_HELLO) {
            return c->state;
        }
        c->setbacks++;
        return hello(c);
    }
    if ((m->u.info.flags & FERRY_INFO_BUSY) != 0) {
        return park(c, FERRY_E_BUSY);
    }
    if (c->state != FERRY_COURIER_HELLO && m->u.info.tag == c->tag) {
        return c->state; /* a second answer to a HELLO sent twice */
    }
    bool chunk_fits = m->u.info.chunk == 128 || m->u.info.chunk == 256;
    if (m->u.info.wire != FERRY_WIRE_VERSION || !chunk_fits || m->u.info.window == 0) {
        return ferry_courier_refused(c, FERRY_E_PROTO);
    }
    struct ferry_courier_peer *p = &c->peer;
    memcpy(p->class_id, m->bytes[0], sizeof p->class_id);
    memcpy(p->digest, m->bytes[1], sizeof p->digest);
    p->hw_rev = m->u.info.hw_rev;
    p->version = m->u.info.version;
    p->floor = m->u.info.floor;
    p->link = m->u.info.link;
    p->boot_caps = m->u.info.boot_caps;
    p->chunk = (uint16_t)m->u.info.chunk;
    p->window = (uint8_t)m->u.info.window;
    p->withheld = (m->u.info.flags & FERRY_INFO_WITHHELD) != 0;
    c->tag = (uint16_t)m->u.info.tag;
    c->setbacks = (uint8_t)(c->setbacks + (c->state != FERRY_COURIER_HELLO));
    bool ask = c->cfg->report_nonce != NULL && !c->reported;
    return ask ? ferry_courier_begin_report(c) : ferry_courier_go_on(c);
}

next_state ferry_courier_go_on(struct ferry_courier *c)
{
    if (c->cfg->artifacts == 0) {
        return finish(c, 0);
    }
    int err = ferry_courier_choose(c);
    if (err != 0) {
        return err == FERRY_E_READ ? park(c, err) : ferry_courier_refused(c, err);
    }
    return offer(c);
}

next_state ferry_courier_later(struct ferry_courier *c, uint8_t why, uint8_t detail,
                               uint32_t seconds)
{
    seconds = seconds < 1 ? 1 : seconds > 86400U ? 86400U : seconds;
    c->later.seconds = seconds;
    c->later.why = why;
    c->later.detail = detail;
    c->later_until = c->now + seconds * 1000U;
    return FERRY_COURIER_LATER;
}

/* The verdict carries the device's first ack: where to begin. */
static next_state accepted(struct ferry_courier *c, const struct ferry_ack *a)
{
    struct ferry_shape shape = {c->peer.chunk, (uint16_t)ferry_table_len(c->image_len),
                                c->image_len};

    ferry_sender_init(&c->sender, &shape);
    c->sender.window.epoch = (uint8_t)(a->epoch - 1U); /* so that this one is news */
    if (ferry_sender_ack(&c->sender, a, false) < 0) {
        return ferry_courier_refused(c, FERRY_E_PROTO);
    }
    c->reason = (uint8_t)a->reason;
    ferry_retry_start(&c->retry, c->now);
    return FERRY_COURIER_SEND;
}

static next_state heard_verdict(struct ferry_courier *c, const struct ferry_msg *m)
{
    ferry_retry_heard(&c->retry, c->now, 0);
    switch ((enum ferry_verdict)m->u.verdict.kind) {
    case FERRY_VERDICT_ACCEPT:
        return accepted(c, &m->u.verdict.ack);
    case FERRY_VERDICT_RUNNING:
        return finish(c, FERRY_E_SAME);
    case FERRY_VERDICT_LATER:
        return ferry_courier_later(c, (uint8_t)m->u.verdict.code,
                                   (uint8_t)m->u.verdict.detail, m->u.verdict.number);
    case FERRY_VERDICT_REFUSE:
        /* Of a release with an artifact for each bank, the other one runs there. */
        if (m->u.verdict.code == (uint8_t)-FERRY_E_VERSION && c->cfg->artifacts > 1 &&
            !c->peer.withheld && c->peer.version == c->version) {
            return finish(c, FERRY_E_SAME);
        }
        if (m->u.verdict.code == 0) {
            break; /* for no reason: no honest device says so */
        }
        return ferry_courier_refused(c, -(int)m->u.verdict.code);
    case FERRY_VERDICT_MORE:
        if (m->u.verdict.number < c->env_sent) {
            c->env_sent = (uint16_t)m->u.verdict.number;
        }
        return FERRY_COURIER_OFFER;
    }
    return ferry_courier_refused(c, FERRY_E_PROTO);
}

static next_state heard_ack(struct ferry_courier *c, const struct ferry_ack *a)
{
    uint8_t epoch = c->sender.window.epoch;
    bool answered = c->asked && a->echo == c->token;
    unsigned budget = c->cfg->retry_budget > 0 ? c->cfg->retry_budget : BUDGET;

    ferry_retry_heard(&c->retry, c->now, a->wait * TENTH_MS);
    if (a->reason == FERRY_REASON_IDLE || a->reason == FERRY_REASON_CHECKING) {
        bool idle = a->reason == FERRY_REASON_IDLE;
        c->setbacks = (uint8_t)(c->setbacks + idle);
        return idle ? offer(c) : FERRY_COURIER_SEND;
    }
    int n = ferry_sender_ack(&c->sender, a, answered);
    if (n < 0) {
        return ferry_courier_refused(c, FERRY_E_PROTO);
    }
    c->reason = (uint8_t)a->reason;
    bool back = c->sender.window.epoch != epoch;
    c->counts.epochs = (uint16_t)(c->counts.epochs + back);
    c->setbacks = (uint8_t)(c->setbacks + back);
    if (answered) {
        c->asked = false;
    }
    if (a->reason == FERRY_REASON_CRC) {
        ferry_sender_nack(&c->sender, ferry_frame_out_busy(&c->out));
    }
    if (n > 0) {
        c->moved_at = c->now;
    }
    if (ferry_window_cursor(&c->sender.window) > c->farthest) { /* no mere refill */
        c->farthest = ferry_window_cursor(&c->sender.window);
        c->resumes = 0;
        c->setbacks = 0;
    }
    if (c->retry.timed != 0 && !ferry_sender_flying(&c->sender, c->retry.timed)) {
        ferry_retry_timed(&c->retry, c->now, n > 0);
    }
    return c->sender.worst >= budget ? park(c, FERRY_E_RETRY) : FERRY_COURIER_SEND;
}

/* ---- states ---------------------------------------------------------------------- */

/* Nobody answered in time: ask again; in the end, park. */
bool ferry_courier_ask_again(struct ferry_courier *c)
{
    if (!ferry_retry_due(&c->retry, c->now)) {
        return false;
    }
    ferry_retry_asked(&c->retry, c->now);
    c->unanswered = true;
    return true;
}

static next_state in_hello(struct ferry_courier *c, enum ferry_courier_event ev)
{
    if (ev == FERRY_CAME_TIME && ferry_courier_ask_again(c)) {
        c->owes_hello = true;
    }
    return FERRY_COURIER_HELLO;
}

static next_state in_offer(struct ferry_courier *c, enum ferry_courier_event ev,
                           const struct ferry_msg *m)
{
    if (ev == FERRY_CAME_DONE) {
        return ended(c, (uint8_t)m->u.done.code);
    }
    if (ev == FERRY_CAME_VERDICT) {
        return heard_verdict(c, m);
    }
    if (ev == FERRY_CAME_ACK) { /* it is at work on the offer */
        ferry_retry_heard(&c->retry, c->now, m->u.ack.wait * TENTH_MS);
        c->reason = (uint8_t)m->u.ack.reason;
    }
    if (ev == FERRY_CAME_TIME && ferry_courier_ask_again(c)) {
        c->env_sent = 0;
    }
    return FERRY_COURIER_OFFER;
}

/* A verdict here is a second answer to an OFFER sent twice. */
static next_state in_send(struct ferry_courier *c, enum ferry_courier_event ev,
                          const struct ferry_msg *m)
{
    if (ev == FERRY_CAME_DONE) {
        return ended(c, (uint8_t)m->u.done.code);
    }
    if (ev == FERRY_CAME_ACK) {
        return heard_ack(c, &m->u.ack);
    }
    if (ev == FERRY_CAME_TIME && ferry_courier_ask_again(c)) {
        c->owes_status = true;
    }
    return FERRY_COURIER_SEND;
}

static next_state in_later(struct ferry_courier *c, enum ferry_courier_event ev)
{
    bool due = ev == FERRY_CAME_TIME && ferry_reached(c->now, c->later_until);

    return due ? hello(c) : FERRY_COURIER_LATER;
}

static next_state in_parked(struct ferry_courier *c, enum ferry_courier_event ev)
{
    if (ev != FERRY_CAME_TIME || !c->will_resume ||
        !ferry_reached(c->now, c->resume_at)) {
        return FERRY_COURIER_PARKED;
    }
    c->resumes++;
    return hello(c);
}

/* The link and the user come before any state. */
static next_state next(struct ferry_courier *c, enum ferry_courier_event ev,
                       const struct ferry_msg *m)
{
    if (over(c)) {
        return c->state;
    }
    if (ev == FERRY_CAME_DOWN) {
        return FERRY_COURIER_DOWN;
    }
    if (ev == FERRY_CAME_STOP) {
        return ferry_courier_refused(c, FERRY_E_ABORT);
    }
    if (ev == FERRY_CAME_UP) {
        c->resumes = 0;
        c->setbacks = 0;
        return hello(c);
    }
    if (ev == FERRY_CAME_INFO && talking(c->state)) {
        return heard_info(c, m);
    }
    if (ev == FERRY_CAME_UNREADABLE) {
        return park(c, FERRY_E_READ);
    }
    int err =
        ev == FERRY_CAME_TIME && talking(c->state) ? ferry_courier_impatience(c) : 0;
    if (err != 0) {
        /* Perhaps it is only this question that it never answers. */
        c->reported |= c->state == FERRY_COURIER_REPORT && c->cfg->artifacts > 0;
        return park(c, err);
    }
    switch (c->state) {
    case FERRY_COURIER_HELLO:
        return in_hello(c, ev);
    case FERRY_COURIER_REPORT:
        return ferry_courier_in_report(c, ev, m);
    case FERRY_COURIER_OFFER:
        return in_offer(c, ev, m);
    case FERRY_COURIER_SEND:
        return in_send(c, ev, m);
    case FERRY_COURIER_LATER:
        return in_later(c, ev);
    case FERRY_COURIER_PARKED:
        return in_parked(c, ev);
    case FERRY_COURIER_DOWN:
    case FERRY_COURIER_DONE:
    case FERRY_COURIER_REFUSED:
        break;
    }
    return c->state;
}

void ferry_courier_happens(struct ferry_courier *c, enum ferry_courier_event ev,
                           const struct ferry_msg *m)
{
    next_state to = next(c, ev, m);

    if (c->setbacks > SETBACKS_MAX && talking(to)) {
        c->resumes = RESUMES_MAX; /* only a new link helps */
        to = park(c, FERRY_E_STALL);
    }
    if (to == FERRY_COURIER_SEND) {
        ferry_courier_pace(c, c->state != to);
    }
    c->state = to;
}
