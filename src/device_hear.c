/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what the device hears: sessions and their tags, which frames are whole, which
 * chunks are wanted. Decodes and queues, nothing more; what follows from it is decided
 * next door, in device.c. */
#include <string.h>

#include "bank.h"
#include "bytes.h"
#include "crc.h"
#include "device_in.h"
#include "ferry/statement.h"
#include "frame.h"
#include "window.h"

#define TAKEOVER_MS 60000U
#define INFO_EVERY_MS 1000U

static void owe_info(struct ferry_device *d, uint32_t nonce, uint8_t flags)
{
    d->asker = nonce;
    d->info_flags = flags;
    d->owed |= FERRY_OWE_INFO;
}

static void new_tag(struct ferry_device *d)
{
    uint16_t old = d->tag;
    uint8_t seed[6];

    do {
        d->sessions++;
        ferry_set_le(seed, d->nonce, 4);
        ferry_set_le(seed + 4, d->sessions, 2);
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
    uint32_t nonce = m->u.hello.nonce;

    if (!d->session || d->nonce != nonce) {
        if (occupied(d)) {
            owe_info(d, nonce, FERRY_INFO_BUSY);
            return;
        }
        ferry_device_abort(d, d->now);
        d->nonce = nonce;
        new_tag(d);
        d->done_known = false;
        d->met = false;
        d->echo = 0; /* every courier counts its questions from 1 */
        d->echo_next = 0;
        d->nack_due = false;
    }
    owe_info(d, nonce, 0);
    d->value_max = (uint16_t)m->u.hello.value_max;
    d->heard_at = d->now;
    d->session = true;
    d->same_link = true;
}

static void hear_status(struct ferry_device *d, uint32_t token)
{
    d->echo_next = (uint8_t)token;
    if (d->done_known) {
        d->owed |= FERRY_OWE_DONE;
    }
    ferry_device_when_settled(d);
    ferry_device_owe_ack(d);
}

/* The chunk stands in the ring's next free buffer, where the decoder put it. It stays
 * there if it is wanted: in the window, on erased flash, of the right length, and
 * not acked. */
static void hear_chunk(struct ferry_device *d, const struct ferry_msg *m)
{
    uint32_t addr;

    if (d->state == FERRY_DEVICE_RECEIVING &&
        m->rest_len ==
            ferry_bank_wants(&d->bank, &d->window, m->u.chunk.index, &addr)) {
        d->count++;
        ferry_device_rouse(d);
    } else {
        d->counts.chunks_ignored++;
        ferry_device_owe_ack(d); /* perhaps our ack was lost */
    }
}

/* Idle, so that no call is outstanding but, perhaps, one of the commit's own work. */
static bool can_report(const struct ferry_device *d)
{
    return d->state == FERRY_DEVICE_IDLE && d->now - d->signed_at >= FERRY_SIGN_MS &&
           d->cfg->crypto->sign != NULL;
}

/* The statement that answers this nonce, from `off` on: the one at hand, or a new one. */
static void hear_report(struct ferry_device *d, const struct ferry_msg *m)
{
    bool same = memcmp(ferry_device_nonce(d), m->bytes[0], FERRY_NONCE_LEN) == 0;
    uint8_t owe = FERRY_OWE_NO_STATEMENT;

    if (same && m->u.report.off < d->report_len) {
        d->report_at = (uint16_t)m->u.report.off;
        return;
    }
    if (d->state == FERRY_DEVICE_REPORTING) {
        owe = same ? FERRY_OWE_STATEMENT : owe;
    } else if (can_report(d)) {
        ferry_copy(ferry_device_nonce(d), m->bytes[0], FERRY_NONCE_LEN);
        owe = FERRY_OWE_STATEMENT;
        ferry_device_happens(d, FERRY_ON_REPORT, NULL);
    }
    d->owed |= owe;
}

static inline void hear(struct ferry_device *d, const struct ferry_msg *m)
{
    if (m->type != FERRY_MSG_HELLO) { /* that may be somebody else's */
        d->heard_at = d->now;
        if (!d->met) { /* it has the tag, so it has heard us, too */
            d->met = true;
            ferry_device_tell(d, FERRY_EVENT_HELLO, 0);
        }
    }
    if (m->type == FERRY_MSG_CHUNK) {
        hear_chunk(d, m);
    } else if (m->type == FERRY_MSG_HELLO) {
        hear_hello(d, m);
    } else if (m->type == FERRY_MSG_OFFER) {
        ferry_device_happens(d, FERRY_ON_OFFER, m);
    } else if (m->type == FERRY_MSG_STATUS) {
        hear_status(d, m->u.status.token);
    } else if (m->type == FERRY_MSG_REPORT) {
        hear_report(d, m);
    } else {
        ferry_device_abort(d, d->now);
    }
}

/* Inside a session: say at once what is missing. Outside: say who we are, so that a
 * courier that believes in a session learns that it is over. */
static void hear_damage(struct ferry_device *d)
{
    d->counts.frames_bad++;
    if (!d->session) {
        if (d->now - d->info_at >= INFO_EVERY_MS) {
            owe_info(d, 0, FERRY_INFO_LOST);
        }
    } else if (d->state == FERRY_DEVICE_OFFERED) {
        ferry_device_owe_verdict(d, FERRY_VERDICT_MORE, 0, d->env_have);
    } else if (d->state == FERRY_DEVICE_RECEIVING && !d->nack_due) {
        d->nack_due = true;
        ferry_device_when_settled(d);
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
