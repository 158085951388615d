/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what the device says: which message is owed, and what an ack states. An ack is
 * owed, never queued; it is composed when the link can take it, so it is always the
 * newest. Does not know what was heard. */
#include <string.h>

#include "bank.h"
#include "crc.h"
#include "device_in.h"
#include "frame.h"
#include "window.h"

#define BUSY 10U /* tenths of a second that an ack without credit announces */

/* ---- owing ----------------------------------------------------------------------- */

void ferry_device_owe_ack(struct ferry_device *d)
{
    if (d->cfg->ack_every == 0 || d->acks_owed == UINT8_MAX) {
        d->acks_owed = 1;
    } else {
        d->acks_owed++;
    }
}

void ferry_device_owe_verdict(struct ferry_device *d, enum ferry_verdict kind,
                              unsigned code, uint32_t number)
{
    d->judgement.kind = kind;
    d->judgement.code = code;
    d->judgement.detail = 0;
    d->judgement.number = number;
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
void ferry_device_settled(struct ferry_device *d)
{
    if (d->settle == 0 || --d->settle > 0) {
        return;
    }
    if (d->nack_due) {
        d->nack_due = false;
        d->nacked = true;
    }
    d->echo = d->echo_next;
    ferry_device_owe_ack(d);
}

void ferry_device_when_settled(struct ferry_device *d)
{
    d->settle = (uint8_t)(d->count + 1U);
    ferry_device_settled(d);
}

/* ---- saying ---------------------------------------------------------------------- */

static void say_info(struct ferry_device *d, struct ferry_msg *m)
{
    static const uint8_t nothing[16] = {0};
    const struct ferry_device_config *cfg = d->cfg;
    const struct ferry_app *app = cfg->app;
    const struct ferry_boot_state *now = cfg->commit->state(cfg->commit->ctx);

    m->u.info.wire = FERRY_WIRE_VERSION;
    m->u.info.flags = d->info_flags | FERRY_INFO_WITHHELD;
    m->u.info.nonce = d->asker;
    m->u.info.tag = d->info_flags == 0 ? d->tag : FERRY_CRC16_INIT;
    m->bytes[0] = cfg->identity->class_id;
    m->bytes[1] = nothing;
    m->u.info.hw_rev = cfg->identity->hw_rev;
    m->u.info.link = cfg->map->link[1];
    m->u.info.boot_caps = cfg->identity->boot_caps;
    m->u.info.chunk = cfg->chunk;
    m->u.info.window = d->slots;
    if (now != NULL) {
        m->u.info.floor = now->floor;
        m->u.info.link = cfg->map->link[now->active_bank ^ 1U];
        if (app == NULL || app->may_report == NULL || app->may_report(app->ctx)) {
            m->u.info.flags = d->info_flags;
            m->u.info.version = now->version;
            m->bytes[1] = now->digest;
        }
    }
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
    [FERRY_DEVICE_REPORTING] = FERRY_REASON_IDLE,
    [FERRY_DEVICE_BROKEN] = FERRY_REASON_IDLE,
};

/* `a` is all zero. */
static void fill_ack(struct ferry_device *d, struct ferry_ack *a)
{
    const struct ferry_window *w = &d->window;

    if (d->live) {
        a->epoch = w->epoch;
        a->base = w->base;
        a->bits[0] = w->bits[0];
        a->bits[1] = w->bits[1];
    }
    if (d->state == FERRY_DEVICE_RECEIVING) {
        a->credit = ferry_bank_credit(&d->bank, w, d->slots);
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

/* Put the most urgent message owed into tx; false if none is. */
static bool say(struct ferry_device *d)
{
    struct ferry_msg m;
    enum ferry_msg_type type = FERRY_MSG_STATEMENT;
    unsigned said = 0;

    memset(&m, 0, sizeof m);
    if ((d->owed & FERRY_OWE_INFO) != 0) {
        type = FERRY_MSG_INFO;
        said = FERRY_OWE_INFO;
        say_info(d, &m);
    } else if (!d->session) {
        return false;
    } else if ((d->owed & FERRY_OWE_VERDICT) != 0) {
        type = FERRY_MSG_VERDICT;
        said = FERRY_OWE_VERDICT;
        m.u.judgement = d->judgement;
        fill_ack(d, &m.u.verdict.ack);
    } else if ((d->owed & FERRY_OWE_DONE) != 0) {
        type = FERRY_MSG_DONE;
        said = FERRY_OWE_DONE;
        m.u.done.code = d->done_code;
    } else if (d->report_at < d->report_len) {
        ferry_device_say_piece(d, &m);
    } else if ((d->owed & FERRY_OWE_NO_STATEMENT) != 0) {
        said = FERRY_OWE_NO_STATEMENT;
        ferry_device_say_none(d, &m);
    } else if (d->acks_owed > 0) {
        type = FERRY_MSG_ACK;
        fill_ack(d, &m.u.ack);
        d->acks_owed--;
    } else {
        return false;
    }
    m.type = (uint8_t)type;
    d->owed &= (uint8_t)~said;
    size_t len = ferry_msg_encode(&m, d->tx + FERRY_FRAME_HEAD,
                                  sizeof d->tx - FERRY_FRAME_OVER, d->tag);
    ferry_frame_out_start(&d->out, d->tx, len, said == FERRY_OWE_INFO);
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
