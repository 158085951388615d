/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what the device hears and says: sessions and their tags, which message is owed,
 * what an ack states. An ack is owed, never queued; it is composed when the link can
 * take it, so it is always the newest. Does not know flash, signatures or policy. */
#include <string.h>

#include "bank.h"
#include "crc.h"
#include "device_in.h"
#include "frame.h"
#include "window.h"

#define TAKEOVER_MS 60000U
#define INFO_EVERY_MS 1000U
#define BUSY 10U /* tenths of a second that an ack without credit announces */

/* ---- owing ----------------------------------------------------------------------------- */

void ferry_device_owe_ack(struct ferry_device *d)
{
    if (d->cfg->ack_every == 0 || d->acks_owed == UINT8_MAX) {
        d->acks_owed = 1;
    } else {
        d->acks_owed++;
    }
}

void ferry_device_owe_verdict(struct ferry_device *d, enum ferry_verdict kind,
                              uint8_t code, uint32_t number)
{
    d->verdict = (uint8_t)kind;
    d->verdict_code = code;
    d->verdict_number = number;
    d->verdict_detail = 0;
    d->owed |= FERRY_OWE_VERDICT;
}

void ferry_device_owe_done(struct ferry_device *d, int err)
{
    d->done_code = (uint8_t)-err;
    d->done_known = true;
    d->owed |= FERRY_OWE_DONE;
}

/* A nack, and the answer to a STATUS?, must not count chunks as missing that merely
 * wait for flash: they are said once everything heard before them is settled. */
static void say_when_settled(struct ferry_device *d)
{
    d->settle = (uint8_t)(d->count + 1U);
    ferry_device_settled(d);
}

void ferry_device_settled(struct ferry_device *d)
{
    if (d->settle == 0 || --d->settle > 0) {
        return;
    }
    d->nacked = d->nacked || d->nack_due;
    if (d->echo_due) {
        d->echo = d->echo_next;
    }
    d->nack_due = false;
    d->echo_due = false;
    ferry_device_owe_ack(d);
}

/* ---- hearing --------------------------------------------------------------------------- */

static void new_tag(struct ferry_device *d)
{
    uint16_t old = d->tag;
    uint8_t seed[6];

    do {
        d->sessions++;
        memcpy(seed, d->nonce, sizeof d->nonce);
        seed[4] = (uint8_t)d->sessions;
        seed[5] = (uint8_t)(d->sessions >> 8);
        d->tag = ferry_crc16(FERRY_CRC16_INIT, seed, sizeof seed);
    } while (d->tag == FERRY_CRC16_INIT || d->tag == old);
}

/* Another phone while one is being served well, and still there. */
static bool occupied(const struct ferry_device *d)
{
    return d->session && d->same_link && d->live && d->now - d->block_at < TAKEOVER_MS;
}

static void hear_hello(struct ferry_device *d, const struct ferry_msg *m)
{
    bool known = d->session && memcmp(d->nonce, m->u.hello.nonce, sizeof d->nonce) == 0;

    memcpy(d->asker, m->u.hello.nonce, sizeof d->asker);
    d->owed |= FERRY_OWE_INFO;
    if (!known && occupied(d)) {
        d->info_flags = FERRY_INFO_BUSY;
        return;
    }
    d->info_flags = 0;
    d->value_max = m->u.hello.value_max;
    if (!known) {
        ferry_device_happens(d, FERRY_ON_GONE, NULL);
        memcpy(d->nonce, m->u.hello.nonce, sizeof d->nonce);
        new_tag(d);
        d->owed = FERRY_OWE_INFO;
        d->acks_owed = 0;
        d->done_known = false;
    }
    d->session = true;
    d->same_link = true;
}

static void hear_status(struct ferry_device *d, uint8_t token)
{
    d->echo_next = token;
    d->echo_due = true;
    if (d->done_known) {
        d->owed |= FERRY_OWE_DONE;
    }
    say_when_settled(d);
    ferry_device_owe_ack(d);
}

/* The chunk stands in the ring's next free buffer, where the decoder put it. It stays
 * there if it is wanted: in the window, on erased flash, of the right length, and
 * not acked. */
static void hear_chunk(struct ferry_device *d, uint32_t index, uint16_t len)
{
    if (d->state == FERRY_DEVICE_RECEIVING &&
        len == ferry_shape_chunk_len(&d->window.shape, index) &&
        ferry_bank_wants(&d->bank, &d->window, index)) {
        d->count++;
        ferry_device_rouse(d);
    } else {
        ferry_device_count(&d->counts.chunks_ignored);
        ferry_device_owe_ack(d); /* perhaps our ack was lost */
    }
}

static void hear(struct ferry_device *d, const struct ferry_msg *m)
{
    d->heard_at = d->now;
    if (m->type == FERRY_MSG_CHUNK) {
        hear_chunk(d, m->u.chunk.index, m->u.chunk.len);
    } else if (m->type == FERRY_MSG_HELLO) {
        hear_hello(d, m);
    } else if (m->type == FERRY_MSG_OFFER) {
        ferry_device_happens(d, FERRY_ON_OFFER, m);
    } else if (m->type == FERRY_MSG_STATUS) {
        hear_status(d, m->u.status.token);
    } else {
        ferry_device_abort(d, d->now);
    }
}

/* Inside a session: say at once what is missing. Outside: say who we are, so that a
 * courier that believes in a session learns that it is over. */
static void hear_damage(struct ferry_device *d)
{
    ferry_device_count(&d->counts.frames_bad);
    if (!d->session) {
        if (d->now - d->info_at >= INFO_EVERY_MS) {
            memset(d->asker, 0, sizeof d->asker);
            d->info_flags = FERRY_INFO_LOST;
            d->owed |= FERRY_OWE_INFO;
        }
    } else if (d->state == FERRY_DEVICE_OFFERED) {
        ferry_device_owe_verdict(d, FERRY_VERDICT_MORE, 0, d->env_have);
    } else if (d->state == FERRY_DEVICE_RECEIVING && !d->nack_due) {
        d->nack_due = true;
        say_when_settled(d);
    }
}

/* Chunks are decoded straight into the ring's next free buffer. */
static void aim(struct ferry_device *d)
{
    bool room = d->state == FERRY_DEVICE_RECEIVING && d->count < d->slots;
    d->in.chunk = room ? ferry_device_slot(d, d->count) : NULL;
}

void ferry_device_input(struct ferry_device *d, const void *bytes, size_t len,
                        uint32_t now_ms)
{
    const uint8_t *p = (const uint8_t *)bytes;
    struct ferry_msg m;

    d->now = now_ms;
    for (;;) {
        aim(d);
        enum ferry_frame_event ev = ferry_frame_in(&d->in, &p, &len);
        if (ev == FERRY_FRAME_NONE) {
            return;
        }
        /* Without a session there is no tag: only HELLO can be understood. */
        bool good = ev == FERRY_FRAME_WHOLE &&
                    (d->session || d->in.to[0] == FERRY_MSG_HELLO) &&
                    ferry_msg_decode_ask(&m, d->in.to, d->in.len, d->tag) == 0;
        if (good) {
            hear(d, &m);
        } else {
            hear_damage(d);
        }
    }
}

/* ---- saying ---------------------------------------------------------------------------- */

static void say_info(struct ferry_device *d, struct ferry_msg *m,
                     struct ferry_boot_state *now)
{
    const struct ferry_device_config *cfg = d->cfg;
    const struct ferry_app *app = cfg->app;
    bool tell = app == NULL || app->may_report == NULL || app->may_report(app->ctx);

    memset(now, 0, sizeof *now);
    m->type = FERRY_MSG_INFO;
    m->u.info.wire = FERRY_WIRE;
    m->u.info.flags = d->info_flags;
    if (cfg->commit->state(cfg->commit->ctx, now) != 0 || !tell) {
        m->u.info.flags |= FERRY_INFO_WITHHELD;
        memset(now->digest, 0, sizeof now->digest);
        now->version = 0;
    }
    memcpy(m->u.info.nonce, d->asker, sizeof d->asker);
    m->u.info.tag = d->info_flags == 0 ? d->tag : FERRY_CRC16_INIT;
    m->u.info.class_id = cfg->identity->class_id;
    m->u.info.hw_rev = cfg->identity->hw_rev;
    m->u.info.version = now->version;
    m->u.info.digest = now->digest;
    m->u.info.floor = now->floor;
    m->u.info.link = cfg->map->link[now->active_bank ^ 1U];
    m->u.info.boot_caps = cfg->identity->boot_caps;
    m->u.info.chunk = cfg->chunk;
    m->u.info.window = d->slots;
    d->info_at = d->now;
}

/* What a courier is told by a state in which no chunk can be taken. */
static const uint8_t reason_of[FERRY_DEVICE_STATES] = {
    [FERRY_DEVICE_IDLE] = FERRY_REASON_IDLE,
    [FERRY_DEVICE_OFFERED] = FERRY_REASON_IDLE,
    [FERRY_DEVICE_CHECKING] = FERRY_REASON_CHECKING,
    [FERRY_DEVICE_LOOKING] = FERRY_REASON_RESUMING,
    [FERRY_DEVICE_CLEARING] = FERRY_REASON_ERASING,
    [FERRY_DEVICE_RECEIVING] = FERRY_REASON_ERASING,
    [FERRY_DEVICE_HASHING] = FERRY_REASON_VERIFYING,
    [FERRY_DEVICE_GATING] = FERRY_REASON_VERIFYING,
    [FERRY_DEVICE_COMMITTING] = FERRY_REASON_VERIFYING,
    [FERRY_DEVICE_COMMITTED] = FERRY_REASON_IDLE,
    [FERRY_DEVICE_DISCARDING] = FERRY_REASON_VERIFYING,
    [FERRY_DEVICE_BROKEN] = FERRY_REASON_IDLE,
};

static void fill_ack(struct ferry_device *d, struct ferry_ack *a)
{
    memset(a, 0, sizeof *a);
    if (d->live) {
        a->epoch = d->window.epoch;
        a->base = d->window.base;
        a->bits[0] = d->window.bits[0];
        a->bits[1] = d->window.bits[1];
    }
    if (d->state == FERRY_DEVICE_RECEIVING) {
        a->credit = ferry_bank_credit(&d->bank, &d->window, d->slots);
    }
    a->echo = d->echo;
    if (d->nacked) {
        a->reason = FERRY_REASON_CRC;
        d->nacked = false;
    } else if (a->credit == 0) {
        a->reason = d->power_low ? FERRY_REASON_POWER : reason_of[d->state];
        a->wait = BUSY;
    }
}

static void say_verdict(struct ferry_device *d, struct ferry_msg *m)
{
    m->type = FERRY_MSG_VERDICT;
    m->u.verdict.kind = d->verdict;
    m->u.verdict.code = d->verdict_code;
    m->u.verdict.detail = d->verdict_detail;
    m->u.verdict.number = d->verdict_number;
    fill_ack(d, &m->u.verdict.ack);
}

/* Put the most urgent message owed into tx; false if none is. */
static bool say(struct ferry_device *d)
{
    struct ferry_boot_state now; /* INFO points into it */
    struct ferry_msg m;
    bool info = (d->owed & FERRY_OWE_INFO) != 0;

    if (info) {
        say_info(d, &m, &now);
        d->owed &= (uint8_t)~FERRY_OWE_INFO;
    } else if (!d->session) {
        return false;
    } else if ((d->owed & FERRY_OWE_VERDICT) != 0) {
        say_verdict(d, &m);
        d->owed &= (uint8_t)~FERRY_OWE_VERDICT;
    } else if ((d->owed & FERRY_OWE_DONE) != 0) {
        m.type = FERRY_MSG_DONE;
        m.u.done.code = d->done_code;
        d->owed &= (uint8_t)~FERRY_OWE_DONE;
    } else if (d->acks_owed > 0) {
        m.type = FERRY_MSG_ACK;
        fill_ack(d, &m.u.ack);
        d->acks_owed--;
    } else {
        return false;
    }
    size_t len = ferry_msg_encode_reply(&m, d->tx, sizeof d->tx, d->tag);
    ferry_frame_out_start(&d->out, d->tx, len, info);
    return len > 0;
}

size_t ferry_device_output(struct ferry_device *d, void *buf, size_t cap,
                           uint32_t now_ms)
{
    uint8_t *p = (uint8_t *)buf;
    size_t n = 0;

    d->now = now_ms;
    if (d->value_max > 0 && cap > d->value_max) {
        cap = d->value_max;
    }
    while (n < cap && (ferry_frame_out_busy(&d->out) || say(d))) {
        n += ferry_frame_out(&d->out, p + n, cap - n);
    }
    return n;
}
