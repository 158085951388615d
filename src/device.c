/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the states of the device's session, what can happen to each, and the verbs that
 * make it happen. What each state waits for stands in ferry/device.h; the table of
 * states and events in docs/PROTOCOL.md. The work itself is done next door. */
#include <string.h>

#include "crc.h"
#include "device_in.h"
#include "flash.h"
#include "frame.h"
#include "retry.h"
#include "verify.h"
#include "window.h"

#define CALL_MS 5000U /* a HAL call that never ends is given up after this */
#define SLOTS_MAX 64U

/* ---- states ---------------------------------------------------------------------- */

/* A piece of an envelope. Where the pool is at work, it is only answered. */
static ferry_state on_offer(struct ferry_device *d, const struct ferry_msg *m)
{
    switch (d->state) {
    case FERRY_DEVICE_RECEIVING:
        if (d->call != FERRY_CALL_NONE && !ferry_io_erasing(&d->io)) {
            /* Flash still reads from the pool: try again. */
            ferry_device_owe_verdict(d, FERRY_VERDICT_MORE, 0, 0);
            break;
        }
        return ferry_device_collect(d, m);
    case FERRY_DEVICE_IDLE:
    case FERRY_DEVICE_OFFERED:
        return ferry_device_collect(d, m);
    case FERRY_DEVICE_CHECKING:
    case FERRY_DEVICE_LOOKING:
    case FERRY_DEVICE_CLEARING:
    case FERRY_DEVICE_DISCARDING:
    case FERRY_DEVICE_REPORTING:
        ferry_device_owe_ack(d); /* heard, and at work */
        break;
    case FERRY_DEVICE_HASHING:
    case FERRY_DEVICE_GATING:
    case FERRY_DEVICE_COMMITTING:
        ferry_device_owe_verdict(d, FERRY_VERDICT_LATER, FERRY_LATER_VERIFYING, 2);
        break;
    case FERRY_DEVICE_COMMITTED:
        ferry_device_owe_verdict(d, FERRY_VERDICT_LATER, FERRY_LATER_COMMITTED, 5);
        break;
    case FERRY_DEVICE_BROKEN:
        ferry_device_owe_verdict(d, FERRY_VERDICT_REFUSE, (unsigned)-d->error, 0);
        break;
    }
    return d->state;
}

/* The next step of work, or (`ended`) the end of the HAL call the last one made. An
 * erase ahead of the window can end while an offer is on the table. */
static ferry_state on_work(struct ferry_device *d, bool ended)
{
    switch (d->state) {
    case FERRY_DEVICE_IDLE:
    case FERRY_DEVICE_OFFERED:
        d->asleep = true;
        return ended ? ferry_device_erased(d) : d->state;
    case FERRY_DEVICE_CHECKING:
        if (ended && d->ended == FERRY_CALL_FLASH) {
            return ferry_device_erased(d);
        }
        return ended ? ferry_device_offer_checked(d) : ferry_device_check_offer(d);
    case FERRY_DEVICE_LOOKING:
        return ferry_device_look(d);
    case FERRY_DEVICE_CLEARING:
        return ended ? ferry_device_cleared(d) : ferry_device_clear(d);
    case FERRY_DEVICE_RECEIVING:
        return ended ? ferry_device_received(d) : ferry_device_receive(d);
    case FERRY_DEVICE_HASHING:
        return ferry_device_hash_image(d);
    case FERRY_DEVICE_GATING:
        return ended ? ferry_device_gate_checked(d) : ferry_device_check_gate(d);
    case FERRY_DEVICE_COMMITTING:
        return ended ? ferry_device_committed(d) : ferry_device_commit(d);
    case FERRY_DEVICE_COMMITTED:
        return ferry_device_await_reboot(d);
    case FERRY_DEVICE_DISCARDING:
        return ferry_device_drop_header(d, ended);
    case FERRY_DEVICE_REPORTING:
        return ended ? ferry_device_reported(d) : ferry_device_report(d);
    case FERRY_DEVICE_BROKEN:
        d->asleep = true;
        break;
    }
    return d->state;
}

/* The buffer of a call that never ended is never used again, so nothing can go on. */
static ferry_state stuck(struct ferry_device *d)
{
    d->error = -(int)d->call;
    d->live = false;
    d->call = FERRY_CALL_NONE; /* a late done() is harmless */
    d->asleep = true;
    ferry_device_owe_done(d, d->error);
    return FERRY_DEVICE_BROKEN;
}

/* Half an envelope is worth nothing to the next courier; all else stays as it is. */
static ferry_state gone(struct ferry_device *d)
{
    if (d->state != FERRY_DEVICE_OFFERED) {
        return d->state;
    }
    d->env_have = 0;
    return ferry_device_resting(d);
}

static ferry_state next(struct ferry_device *d, enum ferry_device_event ev,
                        const struct ferry_msg *m)
{
    switch (ev) {
    case FERRY_ON_OFFER:
        return on_offer(d, m);
    case FERRY_ON_REPORT:
        return ferry_device_begin_report(d);
    case FERRY_ON_ENDED:
        ferry_device_rouse(d); /* work goes on, unless the state says otherwise */
        if (d->keeping) {
            ferry_device_kept(d);
            return d->state;
        }
        return on_work(d, true);
    case FERRY_ON_TICK:
        ferry_device_rouse(d);
        return ferry_device_keep(d) ? d->state : on_work(d, false);
    case FERRY_ON_GONE:
        return gone(d);
    case FERRY_ON_STUCK:
        return stuck(d);
    }
    return d->state;
}

void ferry_device_happens(struct ferry_device *d, enum ferry_device_event ev,
                          const struct ferry_msg *m)
{
    d->state = next(d, ev, m);
}

/* ---- verbs ----------------------------------------------------------------------- */

void ferry_device_init(struct ferry_device *d, const struct ferry_device_config *cfg,
                       uint32_t now_ms)
{
    unsigned slots = cfg->pool_len / FERRY_DEVICE_SLOT((unsigned)cfg->chunk);

    memset(d, 0, sizeof *d);
    d->cfg = cfg;
    d->env = cfg->pool + FERRY_POOL_ENVELOPE;
    d->now = now_ms;
    d->info_at = now_ms;
    d->checked_at = now_ms - FERRY_CHECK_MS;
    d->signed_at = now_ms - FERRY_SIGN_MS;
    d->begun_at = now_ms;
    d->slots = (uint8_t)(slots < SLOTS_MAX ? slots : SLOTS_MAX);
    d->sessions = cfg->session_seed;
    d->tag = FERRY_CRC16_INIT;
    d->in.ctl = d->ctl;
    d->in.ctl_cap = sizeof d->ctl;
    d->in.chunk_cap = (uint16_t)(cfg->chunk + FERRY_CHUNK_OVER);
    d->asleep = true;
    ferry_io_init(&d->io, cfg->flash);
}

/* Nobody is waiting for an answer any more. */
static void hush(struct ferry_device *d)
{
    d->owed = 0;
    d->acks_owed = 0;
    d->report_at = d->report_len;
}

/* What was half heard and half said is over; what was received stays. */
void ferry_device_link(struct ferry_device *d, bool up, uint32_t now_ms)
{
    d->now = now_ms;
    ferry_frame_in_reset(&d->in);
    d->out.left = 0;
    hush(d);
    d->same_link = false;
    if (!up) {
        ferry_device_happens(d, FERRY_ON_GONE, NULL);
    }
}

void ferry_device_abort(struct ferry_device *d, uint32_t now_ms)
{
    d->now = now_ms;
    d->session = false;
    hush(d);
    ferry_device_happens(d, FERRY_ON_GONE, NULL);
}

/* The next thing time alone brings about, and in how many milliseconds. */
static uint32_t coming(const struct ferry_device *d, uint32_t now,
                       enum ferry_device_event *what)
{
    uint32_t silence =
        d->session ? ferry_until(now, d->heard_at + FERRY_SILENCE_MS) : UINT32_MAX;
    uint32_t due = now;

    if (d->call != FERRY_CALL_NONE) {
        *what = FERRY_ON_STUCK;
        due = d->called_at + CALL_MS;
    } else if (!d->asleep || ferry_device_keeps(d)) {
        *what = FERRY_ON_TICK;
        due = d->asleep ? now : d->wake;
    } else {
        *what = FERRY_ON_GONE;
        return silence;
    }
    uint32_t wait = ferry_until(now, due);
    if (silence < wait) {
        *what = FERRY_ON_GONE;
        wait = silence;
    }
    return wait;
}

void ferry_device_tick(struct ferry_device *d, uint32_t now_ms)
{
    enum ferry_device_event what;

    d->now = now_ms;
    if (coming(d, now_ms, &what) > 0) {
        return;
    }
    if (what == FERRY_ON_GONE) {
        ferry_device_abort(d, now_ms);
    } else {
        ferry_device_happens(d, what, NULL);
    }
}

uint32_t ferry_device_deadline(const struct ferry_device *d, uint32_t now_ms)
{
    enum ferry_device_event what;

    return coming(d, now_ms, &what);
}

void ferry_device_done(struct ferry_device *d, int status, uint32_t now_ms)
{
    if (d->call == FERRY_CALL_NONE) { /* none, or one that was given up */
        return;
    }
    d->now = now_ms;
    d->ended = d->call;
    d->call = FERRY_CALL_NONE;
    if (d->ended == FERRY_CALL_FLASH) {
        status = ferry_io_done(&d->io, status);
    } else if (d->ended == FERRY_CALL_CRYPTO) {
        status = ferry_verify_answer(ferry_device_envelope(d), status);
    }
    d->result = status;
    ferry_device_happens(d, FERRY_ON_ENDED, NULL);
}

enum ferry_device_state ferry_device_state(const struct ferry_device *d)
{
    return d->state;
}

int ferry_device_error(const struct ferry_device *d)
{
    return d->error;
}

void ferry_device_progress(const struct ferry_device *d,
                           struct ferry_device_progress *out)
{
    memset(out, 0, sizeof *out);
    if (d->live) {
        out->image_len = d->window.shape.payload_len;
        out->verified = ferry_shape_image_before(&d->window.shape, d->window.base);
        out->cursor = ferry_window_cursor(&d->window);
        out->version = d->version;
    }
}
