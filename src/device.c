/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what can happen to the device's session, and the verbs that make it happen. The
 * table of states and events is in docs/PROTOCOL.md; what each state makes of an event
 * stands next door. */
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

/* ---- events ---------------------------------------------------------------------- */

/* Most calls answer at once. */
static ferry_state work(struct ferry_device *d)
{
    d->called = FERRY_CALL_NONE;
    d->result = FERRY_MORE; /* unless the step says otherwise */
    ferry_state then = ferry_device_step(d);
    return then != d->state || d->result > 0 ? then : ferry_device_ended(d);
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

/* Nobody is waiting for an answer any more. */
static void hush(struct ferry_device *d)
{
    d->owed = 0;
    d->acks_owed = 0;
    d->report_at = d->report_len;
}

/* Half an envelope is worth nothing to the next courier; all else stays as it is. */
FERRY_OUT_OF_LINE static ferry_state half(struct ferry_device *d)
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
        return ferry_device_on_offer(d, m);
    case FERRY_ON_REPORT:
        return ferry_device_begin_report(d);
    case FERRY_ON_ENDED:
        ferry_device_rouse(d); /* work goes on, unless the state says otherwise */
        if (d->keeping) {
            ferry_device_kept(d);
            return d->state;
        }
        return d->result > 0 ? d->state : ferry_device_ended(d);
    case FERRY_ON_TICK:
        ferry_device_rouse(d);
        return ferry_device_keep(d) ? d->state : work(d);
    case FERRY_ON_GONE:
        d->session = false;
        hush(d);
        return half(d);
    case FERRY_ON_DOWN:
        return half(d);
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
    ferry_verify_init(&d->verify, cfg->flash, cfg->crypto);
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
        ferry_device_happens(d, FERRY_ON_DOWN, NULL);
    }
}

void ferry_device_abort(struct ferry_device *d, uint32_t now_ms)
{
    d->now = now_ms;
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
    } else if (!d->asleep || ferry_device_next(d, NULL)) {
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
    if (coming(d, now_ms, &what) == 0) {
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
    d->call = FERRY_CALL_NONE;
    if (d->called == FERRY_CALL_FLASH) {
        status = ferry_io_done(&d->io, status);
    } else if (d->called == FERRY_CALL_CRYPTO) {
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
