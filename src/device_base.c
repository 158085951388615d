/* SPDX-License-Identifier: Apache-2.0
 *
 * What every room of the device's session needs: the pool, the clock, the HAL calls with
 * their budgets, and the ways an offer or a transfer ends. Knows no order of events. */
#include <string.h>

#include "bank.h"
#include "device_in.h"
#include "flash.h"
#include "frame.h"
#include "verify.h"

#define WORN_MAX 5U /* pauses of 1, 2, 4, 8, 16 hours */

/* ---- small things ---------------------------------------------------------------- */

static void tell(struct ferry_device *d, enum ferry_event event, int err,
                 const uint8_t *offender)
{
    const struct ferry_app *app = d->cfg->app;
    const struct ferry_commit *commit = d->cfg->commit;

    if (commit->event != NULL) {
        commit->event(commit->ctx, event, err, offender);
    }
    if (app != NULL && app->event != NULL) {
        app->event(app->ctx, event, err);
    }
}

void ferry_device_tell(struct ferry_device *d, enum ferry_event event, int err)
{
    tell(d, event, err, NULL);
}

void ferry_device_ask_reboot(struct ferry_device *d)
{
    const struct ferry_app *app = d->cfg->app;

    if (app == NULL || app->may_reboot == NULL || app->may_reboot(app->ctx)) {
        ferry_device_tell(d, FERRY_EVENT_REBOOT, 0);
    }
}

void ferry_device_mismatch(struct ferry_device *d, int err)
{
    d->counts.transfer_errors++;
    ferry_device_tell(d, FERRY_EVENT_TRANSFER, err);
}

void ferry_device_accuse(struct ferry_device *d, uint8_t slot, int err)
{
    uint8_t *offender = ferry_device_offered(d) - 1; /* behind the envelope's padding */

    *offender = slot;
    d->counts.security_events++;
    tell(d, FERRY_EVENT_SECURITY, err, offender);
}

void ferry_device_rouse(struct ferry_device *d)
{
    d->wake = d->now;
    d->asleep = false;
}

void ferry_device_sleep(struct ferry_device *d, uint32_t ms)
{
    d->wake = d->now + ms;
    d->asleep = false;
}

bool ferry_device_powered(struct ferry_device *d)
{
    if (ferry_io_power(&d->io)) {
        return true;
    }
    ferry_device_sleep(d, FERRY_POLL_MS);
    return false;
}

uint32_t ferry_device_seconds(const struct ferry_device *d, uint32_t since,
                              uint32_t pause_ms)
{
    uint32_t gone = d->now - since;

    return gone < pause_ms ? (pause_ms - gone + 999U) / 1000U : 0;
}

/* ---- the pool: a ring of chunk buffers, or one envelope -------------------------- */

uint8_t *ferry_device_slot(const struct ferry_device *d, unsigned place)
{
    unsigned at = (d->head + place) % d->slots;
    return d->cfg->pool + at * FERRY_DEVICE_SLOT((unsigned)d->cfg->chunk);
}

/* Chunks in the ring are not acked, so dropping them is the same as their loss. A chunk
 * half decoded loses its place, too. */
void ferry_device_empty(struct ferry_device *d)
{
    d->head = 0;
    d->count = 0;
    d->power_low = false;
    d->in.chunk = NULL;
    if (d->settle > 0) { /* what waited for them may be said */
        d->settle = 1;
        ferry_device_settled(d);
    }
    if (d->in.to != d->ctl && d->in.any) {
        ferry_frame_in_drop(&d->in, d->in.len);
    }
}

/* The envelope as it stands in the bank. */
bool ferry_device_load(struct ferry_device *d)
{
    const struct ferry_flash *f = d->cfg->flash;

    ferry_device_empty(d);
    d->env_total = d->env_len;
    return f->read(f->ctx, d->bank.addr, ferry_device_envelope(d), d->env_len) == 0;
}

/* ---- ends ------------------------------------------------------------------------ */

/* Where a session goes when an offer leads nowhere. */
ferry_state ferry_device_resting(struct ferry_device *d)
{
    ferry_device_rouse(d);
    return d->live ? FERRY_DEVICE_RECEIVING : FERRY_DEVICE_IDLE;
}

ferry_state ferry_device_answer(struct ferry_device *d, enum ferry_verdict kind,
                                unsigned code, uint32_t number)
{
    d->env_have = 0;
    ferry_device_owe_verdict(d, kind, code, number);
    return ferry_device_resting(d);
}

ferry_state ferry_device_refuse(struct ferry_device *d, int err)
{
    d->error = err;
    if (err == FERRY_E_SAME) {
        return ferry_device_answer(d, FERRY_VERDICT_RUNNING, 0, 0);
    }
    if (err == FERRY_E_SIG) {
        ferry_device_accuse(d, ferry_envelope_kid(ferry_device_envelope(d)), err);
    } else {
        d->counts.refusals++;
        ferry_device_tell(d, FERRY_EVENT_REFUSED, err);
    }
    return ferry_device_answer(d, FERRY_VERDICT_REFUSE, (unsigned)-err, 0);
}

/* The transfer ends here, flash as it is: the next offer looks at what it holds. */
ferry_state ferry_device_give_up(struct ferry_device *d, int err)
{
    ferry_device_empty(d);
    d->live = false;
    d->env_have = 0;
    d->error = err;
    ferry_device_owe_done(d, err);
    return FERRY_DEVICE_IDLE;
}

/* ---- HAL calls ------------------------------------------------------------------- */

void ferry_device_started(struct ferry_device *d, enum ferry_call which, int status)
{
    d->result = status;
    d->called = (uint8_t)which;
    if (status == FERRY_PENDING) {
        d->call = (uint8_t)which;
        d->called_at = d->now;
    }
}

/* Without enough supply, nothing of an erase is done now. */
static void operate(struct ferry_device *d, const struct ferry_flash_op *op)
{
    d->power_low = op->erase && !ferry_device_powered(d);
    ferry_device_started(d, FERRY_CALL_FLASH,
                         d->power_low ? FERRY_MORE : ferry_io_begin(&d->io, op));
}

/* ---- the commit's own work -------------------------------------------------------- */

bool ferry_device_next(const struct ferry_device *d, struct ferry_flash_op *op)
{
    const struct ferry_commit *c = d->cfg->commit;
    return c->next != NULL && d->state != FERRY_DEVICE_BROKEN && c->next(c->ctx, op);
}

void ferry_device_kept(struct ferry_device *d)
{
    d->keeping = d->result > 0; /* pending, or a slice of it */
    if (!d->keeping) {
        d->cfg->commit->did(d->cfg->commit->ctx, d->result);
    }
}

bool ferry_device_keep(struct ferry_device *d)
{
    struct ferry_flash_op op;

    if (!ferry_device_next(d, &op)) {
        return false;
    }
    operate(d, &op);
    ferry_device_kept(d);
    return true;
}

/* ---- flash ----------------------------------------------------------------------- */

int ferry_device_examine(struct ferry_device *d, struct ferry_envelope *e)
{
    int err = ferry_verify_form(d->cfg->identity->keys, ferry_device_envelope(d),
                                d->env_total, e);

    if (err == 0 || err == FERRY_E_SIG) { /* the form is right: it has a digest */
        ferry_verify_digest(d->cfg->crypto, ferry_device_envelope(d),
                            ferry_device_offered(d));
    }
    return err;
}

bool ferry_device_same(const struct ferry_device *d)
{
    return memcmp(d->digest, ferry_device_offered(d), sizeof d->digest) == 0;
}

void ferry_device_ask(struct ferry_device *d, const struct ferry_envelope *e)
{
    ferry_device_started(d, FERRY_CALL_CRYPTO,
                         ferry_verify_ask(d->cfg->crypto, d->cfg->identity->keys,
                                          ferry_device_envelope(d), e));
}

ferry_state ferry_device_failed(struct ferry_device *d, int err)
{
    return ++d->bad_epochs < FERRY_EPOCHS_MAX ? d->state : ferry_device_give_up(d, err);
}

ferry_state ferry_device_erase(struct ferry_device *d)
{
    if (d->wear_left == 0) {
        return ferry_device_give_up(d, FERRY_E_FLASH);
    }
    struct ferry_flash_op op = {true, d->bank.addr + d->bank.erased, NULL,
                                d->cfg->flash->erase_unit};
    operate(d, &op);
    return d->state;
}

/* An erase can also end while an offer is being judged: the books are kept in every
 * state. */
ferry_state ferry_device_erased(struct ferry_device *d)
{
    uint32_t unit = d->cfg->flash->erase_unit;

    d->wear_left -= unit < d->wear_left ? unit : d->wear_left;
    if (d->wear_left == 0) { /* not before an hour, then two, and so on */
        d->worn_at = d->now;
        d->worn = (uint8_t)(d->worn + (d->worn < WORN_MAX));
    }
    if (d->result != 0) {
        return ferry_device_failed(d, FERRY_E_FLASH);
    }
    d->bank.erased += unit;
    ferry_device_owe_ack(d);
    return d->state;
}

void ferry_device_write(struct ferry_device *d, uint32_t addr, uint8_t *buf,
                        uint32_t len)
{
    uint32_t unit = d->cfg->flash->write_unit;
    struct ferry_flash_op op = {.addr = addr, .buf = buf};

    op.len = (len + unit - 1) / unit * unit;
    memset(buf + len, d->cfg->flash->erased, (size_t)(op.len - len));
    operate(d, &op);
}
