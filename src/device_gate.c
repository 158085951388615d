/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the end of a transfer: hash, signature, ticket, commit, reboot; and the discarding
 * of what fails. Verify first, commit second, never the other way around. */
#include <string.h>

#include "bank.h"
#include "bytes.h"
#include "device_in.h"
#include "flash.h"
#include "verify.h"
#include "window.h"

/* ---- the gates ------------------------------------------------------------------- */

/* A gate failed: nothing of this image may be resumed. */
static ferry_state discard(struct ferry_device *d, int err)
{
    d->error = err;
    d->live = false;
    d->bank.erased = 0;
    return FERRY_DEVICE_DISCARDING;
}

ferry_state ferry_device_hash_image(struct ferry_device *d)
{
    if (ferry_verify_step(&d->verify, FERRY_BLOCK_LEN) == FERRY_MORE) {
        return FERRY_DEVICE_HASHING;
    }
    if (ferry_verify_hash_gate(&d->verify, d->image_hash) != 0) {
        d->hash_fails++;
        ferry_device_mismatch(d, FERRY_E_HASH);
        return discard(d, FERRY_E_HASH);
    }
    return FERRY_DEVICE_GATING;
}

/* Both gates are passed, so the pool is free: the ticket waits there for the commit. */
static struct ferry_ticket *ticket(const struct ferry_device *d)
{
    return (struct ferry_ticket *)(void *)d->cfg->pool;
}

ferry_state ferry_device_gate_checked(struct ferry_device *d)
{
    int err = ferry_verify_sig_gate(&d->verify, d->result);
    ferry_verify_ticket(&d->verify, d->bank.number, d->version, ferry_device_offered(d),
                        ticket(d));
    if (err != 0 || !ferry_device_same(d) || !ferry_ticket_holds(ticket(d))) {
        ferry_copy(ferry_device_offered(d), d->digest, FERRY_HASH_LEN);
        ferry_device_accuse(d, d->slot, FERRY_E_SIG_FINAL);
        return discard(d, FERRY_E_SIG_FINAL);
    }
    return FERRY_DEVICE_COMMITTING;
}

ferry_state ferry_device_check_gate(struct ferry_device *d)
{
    struct ferry_envelope e;

    d->result = ferry_device_load(d) ? ferry_device_examine(d, &e) : FERRY_E_FLASH;
    if (d->result == 0) {
        ferry_device_ask(d, &e);
    }
    return d->state;
}

/* ---- the commit ------------------------------------------------------------------ */

ferry_state ferry_device_committed(struct ferry_device *d)
{
    if (d->result != 0) {
        return ferry_device_give_up(d, FERRY_E_COMMIT);
    }
    d->live = false;
    ferry_device_owe_done(d, 0);
    ferry_device_tell(d, FERRY_EVENT_COMMITTED, 0);
    ferry_device_sleep(d, FERRY_POLL_MS);
    return FERRY_DEVICE_COMMITTED;
}

ferry_state ferry_device_commit(struct ferry_device *d)
{
    const struct ferry_commit *commit = d->cfg->commit;

    if (ferry_device_powered(d)) { /* FERRY_MORE: its own work comes first */
        ferry_device_started(d, FERRY_CALL_COMMIT,
                             commit->request(commit->ctx, ticket(d)));
    }
    return d->state;
}

/* The pause between commit and question is the courier's time to hear DONE. */
ferry_state ferry_device_await_reboot(struct ferry_device *d)
{
    ferry_device_ask_reboot(d);
    ferry_device_sleep(d, FERRY_POLL_MS);
    return FERRY_DEVICE_COMMITTED;
}

/* A header that cannot be erased can at worst be resumed, and fail again. */
ferry_state ferry_device_drop_header(struct ferry_device *d)
{
    if (d->bank.erased > 0) {
        return ferry_device_give_up(d, d->error);
    }
    return ferry_device_erase(d);
}
