/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what the courier says next and what it hears, and keeps the session's verbs. A
 * frame is composed when the link can take it: a chunk that was acked meanwhile is
 * never sent. Does not know what a state does about what is heard. */
#include <string.h>

#include "bytes.h"
#include "courier_in.h"
#include "crc.h"
#include "frame.h"
#include "retry.h"
#include "sender.h"
#include "window.h"

/* Where the rest of a message begins: behind type and numbers. */
#define CHUNK_HEAD 4U
#define PIECE_HEAD 5U

/* ---- hearing --------------------------------------------------------------------- */

static void hear(struct ferry_courier *c, const struct ferry_msg *m)
{
    c->counts.frames_in++;
    c->unanswered = false;
    if (m->type == FERRY_MSG_INFO) {
        ferry_courier_happens(c, FERRY_CAME_INFO, m);
    } else if (m->type == FERRY_MSG_VERDICT) {
        ferry_courier_happens(c, FERRY_CAME_VERDICT, m);
    } else if (m->type == FERRY_MSG_ACK) {
        ferry_courier_happens(c, FERRY_CAME_ACK, m);
    } else if (m->type == FERRY_MSG_STATEMENT) {
        ferry_courier_happens(c, FERRY_CAME_STATEMENT, m);
    } else {
        ferry_courier_happens(c, FERRY_CAME_DONE, m);
    }
}

void ferry_courier_input(struct ferry_courier *c, const void *bytes, size_t len,
                         uint32_t now_ms)
{
    const uint8_t *p = (const uint8_t *)bytes;
    enum ferry_frame_event ev;
    struct ferry_msg m;

    c->now = now_ms;
    while ((ev = ferry_frame_in(&c->in, &p, &len)) != FERRY_FRAME_NONE) {
        if (ev == FERRY_FRAME_WHOLE &&
            ferry_msg_decode_reply(&m, c->in.to, c->in.len, c->tag) == 0) {
            hear(c, &m);
        } else {
            c->counts.frames_bad++;
        }
    }
}

/* ---- saying ---------------------------------------------------------------------- */

static void say_hello(struct ferry_courier *c, struct ferry_msg *m)
{
    m->type = FERRY_MSG_HELLO;
    m->u.hello.wire = FERRY_WIRE_VERSION;
    m->u.hello.value_max = c->cfg->value_max;
    m->u.hello.nonce = ferry_le(c->cfg->nonce, sizeof c->cfg->nonce);
    c->owes_hello = false;
    c->counts.hellos++;
}

/* Bytes of the artifact, read to where they will stand in the frame. */
static bool read_rest(struct ferry_courier *c, struct ferry_msg *m, uint32_t off,
                      unsigned head, uint32_t len)
{
    uint8_t *to = c->tx + FERRY_FRAME_HEAD + head;

    m->rest = to;
    m->rest_len = (uint16_t)len;
    return c->cfg->read(c->cfg->ctx, c->which, off, to, len) == 0;
}

static bool say_piece(struct ferry_courier *c, struct ferry_msg *m)
{
    uint32_t n = (uint32_t)c->env_len - c->env_sent;

    n = n < FERRY_PIECE_MAX ? n : FERRY_PIECE_MAX;
    m->type = FERRY_MSG_OFFER;
    m->u.piece.total = c->env_len;
    m->u.piece.off = c->env_sent;
    if (!read_rest(c, m, c->env_sent, PIECE_HEAD, n)) {
        return false;
    }
    c->env_sent = (uint16_t)(c->env_sent + n);
    return true;
}

static void say_status(struct ferry_courier *c, struct ferry_msg *m)
{
    m->type = FERRY_MSG_STATUS;
    m->u.status.token = ++c->token;
    c->asked = true;
    c->owes_status = false;
    c->counts.statuses++;
    ferry_sender_status(&c->sender);
}

/* Where in the artifact a chunk's payload stands. */
static uint32_t artifact_off(const struct ferry_courier *c, uint32_t index)
{
    const struct ferry_shape *s = &c->sender.window.shape;
    uint32_t block = index / ferry_shape_per_block(s);
    uint32_t off = c->env_len + index % ferry_shape_per_block(s) * s->chunk;

    return block == 0 ? off : off + s->table_len + (block - 1) * FERRY_BLOCK_LEN;
}

static void add(uint32_t *n, uint32_t v)
{
    *n = v < UINT32_MAX - *n ? *n + v : UINT32_MAX;
}

static bool say_chunk(struct ferry_courier *c, struct ferry_msg *m, uint32_t index)
{
    const struct ferry_shape *s = &c->sender.window.shape;
    unsigned len = ferry_shape_chunk_len(s, index);
    bool repeat;

    m->type = FERRY_MSG_CHUNK;
    m->u.chunk.index = index;
    if (!read_rest(c, m, artifact_off(c, index), CHUNK_HEAD, len)) {
        return false;
    }
    uint32_t order = ferry_sender_sent(&c->sender, index, &repeat);
    if (!repeat) {
        ferry_retry_time(&c->retry, order, c->now);
    } else {
        add(&c->counts.bytes_repeated, len);
    }
    add(index < ferry_shape_per_block(s) ? &c->counts.table_bytes_sent
                                         : &c->counts.image_bytes_sent,
        len);
    return true;
}

/* Put the next frame into tx; false if there is none for now. `fresh`: the link value
 * is still empty. */
static bool say(struct ferry_courier *c, bool fresh)
{
    struct ferry_msg m;
    bool readable = true;
    bool lead = false;
    bool second = false;
    int32_t index = -1;

    memset(&m, 0, sizeof m);
    if (c->owes_abort) {
        m.type = FERRY_MSG_ABORT;
        c->owes_abort = false;
    } else if (c->state == FERRY_COURIER_HELLO && c->owes_hello) {
        say_hello(c, &m);
        lead = true;
    } else if (c->state == FERRY_COURIER_REPORT && c->owes_report) {
        ferry_courier_say_report(c, &m);
    } else if (c->state == FERRY_COURIER_OFFER && c->env_sent < c->env_len) {
        readable = say_piece(c, &m);
    } else if (c->state == FERRY_COURIER_SEND && c->owes_status) {
        say_status(c, &m);
        lead = true; /* half a frame may still stand at the other end */
    } else if (c->state == FERRY_COURIER_SEND) {
        index = ferry_sender_next(&c->sender, &second);
        /* The spare copy shares no link value with the first. */
        if (index < 0 || (second && !fresh)) {
            return false;
        }
        readable = say_chunk(c, &m, (uint32_t)index);
        /* On a link that loses, the end of what went before may have been lost. */
        lead = fresh && c->counts.bytes_repeated > 0;
    } else {
        return false;
    }
    size_t len = readable ? ferry_msg_encode(&m, c->tx + FERRY_FRAME_HEAD,
                                             sizeof c->tx - FERRY_FRAME_OVER, c->tag)
                          : 0;
    if (len == 0) {
        ferry_courier_happens(c, FERRY_CAME_UNREADABLE, NULL);
        return false;
    }
    c->counts.frames_out++;
    ferry_frame_out_start(&c->out, c->tx, len, lead);
    return true;
}

size_t ferry_courier_output(struct ferry_courier *c, void *buf, size_t cap,
                            uint32_t now_ms)
{
    uint8_t *p = (uint8_t *)buf;
    size_t n = 0;

    c->now = now_ms;
    if (!c->link_up) {
        return 0;
    }
    while (n < cap && (ferry_frame_out_busy(&c->out) || say(c, n == 0))) {
        n += ferry_frame_out(&c->out, p + n, cap - n);
    }
    return n;
}

/* ---- the other verbs ------------------------------------------------------------- */

int ferry_courier_init(struct ferry_courier *c, const struct ferry_courier_config *cfg,
                       uint32_t now_ms)
{
    bool idle = cfg->artifacts == 0 && cfg->report_nonce == NULL;

    if (idle || (cfg->read == NULL && cfg->artifacts > 0) || cfg->value_max == 0) {
        return FERRY_E_ARG;
    }
    memset(c, 0, sizeof *c);
    c->cfg = cfg;
    c->now = now_ms;
    c->tag = FERRY_CRC16_INIT;
    c->in.ctl = c->ctl;
    c->in.ctl_cap = sizeof c->ctl;
    return 0;
}

void ferry_courier_link(struct ferry_courier *c, bool up, uint32_t now_ms)
{
    c->now = now_ms;
    ferry_frame_in_reset(&c->in);
    memset(&c->out, 0, sizeof c->out);
    c->owes_abort = false;
    c->link_up = up;
    ferry_courier_happens(c, up ? FERRY_CAME_UP : FERRY_CAME_DOWN, NULL);
}

void ferry_courier_tick(struct ferry_courier *c, uint32_t now_ms)
{
    c->now = now_ms;
    ferry_courier_happens(c, FERRY_CAME_TIME, NULL);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Until it is time to ask again, or to call it silence. */
static uint32_t patience(const struct ferry_courier *c, uint32_t now)
{
    return least(ferry_until(now, c->retry.due),
                 ferry_until(now, c->retry.heard + FERRY_SILENCE_MS));
}

int ferry_courier_impatience(const struct ferry_courier *c)
{
    if (ferry_retry_silent(&c->retry, c->now)) {
        return FERRY_E_SILENCE;
    }
    if (c->state < FERRY_COURIER_OFFER ||
        !ferry_reached(c->now, c->moved_at + FERRY_STALL_MS)) {
        return 0;
    }
    return c->reason == FERRY_REASON_POWER ? FERRY_E_POWER : FERRY_E_STALL;
}

uint32_t ferry_courier_deadline(const struct ferry_courier *c, uint32_t now_ms)
{
    switch (c->state) {
    case FERRY_COURIER_HELLO:
        return patience(c, now_ms);
    case FERRY_COURIER_REPORT:
        return least(patience(c, now_ms),
                     ferry_until(now_ms, c->moved_at + FERRY_PATIENCE_MS));
    case FERRY_COURIER_OFFER:
    case FERRY_COURIER_SEND:
        return least(patience(c, now_ms),
                     ferry_until(now_ms, c->moved_at + FERRY_STALL_MS));
    case FERRY_COURIER_LATER:
        return ferry_until(now_ms, c->later_until);
    case FERRY_COURIER_PARKED:
        return c->will_resume ? ferry_until(now_ms, c->resume_at) : UINT32_MAX;
    case FERRY_COURIER_DOWN:
    case FERRY_COURIER_DONE:
    case FERRY_COURIER_REFUSED:
        break;
    }
    return UINT32_MAX;
}

void ferry_courier_abort(struct ferry_courier *c, uint32_t now_ms)
{
    c->now = now_ms;
    c->owes_abort = c->state > FERRY_COURIER_HELLO && c->state < FERRY_COURIER_PARKED;
    ferry_courier_happens(c, FERRY_CAME_STOP, NULL);
}

enum ferry_courier_state ferry_courier_state(const struct ferry_courier *c)
{
    return c->state;
}

int ferry_courier_error(const struct ferry_courier *c)
{
    return c->error;
}

size_t ferry_courier_size(void)
{
    return sizeof(struct ferry_courier);
}
