/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an offer becomes a verdict: pieces, signature, manifest, policy, consent.
 * No flash is written here, and nothing in the payload is read before the signature
 * holds. Does not know what follows. */
#include <string.h>

#include "bank.h"
#include "bytes.h"
#include "device_in.h"
#include "policy.h"
#include "verify.h"
#include "window.h"

#define CHECK_TRIES 2U /* bad signatures, and from the next on the pause doubles */
#define CHECK_SHIFT 6U /* up to 64 s */
#define HOUR_MS 3600000U
#define DAY_MS (24U * HOUR_MS)
#define TRIAL_S 60U    /* offer again after this, while the device decides */
#define BEGINS_MAX 16U /* clean starts since the last confirm; from then on one a day */
#define HASH_TRIES 2U  /* whole-image mismatches of one manifest */

ferry_state ferry_device_collect(struct ferry_device *d, const struct ferry_msg *m)
{
    uint32_t end = m->u.piece.off + m->rest_len;

    if (m->u.piece.off == 0) {
        ferry_device_empty(d);
        ferry_device_drop_report(d);
        d->env_have = 0;
        d->env_total = (uint16_t)m->u.piece.total;
    }
    if (m->u.piece.total > FERRY_ENVELOPE_MAX || end > m->u.piece.total) {
        return ferry_device_refuse(d, FERRY_E_LEN);
    }
    if (m->u.piece.total != d->env_total || m->u.piece.off != d->env_have) {
        ferry_device_owe_verdict(d, FERRY_VERDICT_MORE, 0, d->env_have);
        return d->env_have > 0 ? FERRY_DEVICE_OFFERED : ferry_device_resting(d);
    }
    memcpy(ferry_device_envelope(d) + d->env_have, m->rest, m->rest_len);
    d->env_have = (uint16_t)end;
    ferry_device_rouse(d);
    return d->env_have == d->env_total ? FERRY_DEVICE_CHECKING : FERRY_DEVICE_OFFERED;
}

/* Genuine and acceptable: this transfer is now the one. */
static ferry_state accept(struct ferry_device *d, const struct ferry_manifest *m,
                          bool same)
{
    struct ferry_shape *shape = &d->window.shape;
    uint32_t unit = d->cfg->flash->erase_unit;

    shape->chunk = d->cfg->chunk;
    shape->table_len = (uint16_t)ferry_table_len(m->length);
    shape->payload_len = m->length;
    if (!same) {
        ferry_copy(d->digest, ferry_device_offered(d), sizeof d->digest);
        d->hash_fails = 0;
        d->worn = 0;
        d->wear_left = 0;
    }
    if (d->wear_left == 0) {
        d->wear_left = (2 * ferry_shape_blocks(shape) + 16) *
                       (unit > FERRY_BLOCK_LEN ? unit : FERRY_BLOCK_LEN);
    }
    ferry_copy(d->table_hash, m->blocks, sizeof d->table_hash);
    ferry_copy(d->image_hash, m->sha256, sizeof d->image_hash);
    d->version = m->version;
    d->env_len = d->env_total;
    d->bad_epochs = 0;
    d->block_at = d->now;
    d->done_known = false;
    d->error = 0;
    d->live = false;
    ferry_window_init(&d->window, shape, 0);
    return FERRY_DEVICE_LOOKING;
}

/* Another transfer is under way, and alive, and this one is no newer: seconds. */
FERRY_OUT_OF_LINE static uint32_t taken(const struct ferry_device *d,
                                        const struct ferry_manifest *m, uint8_t slot)
{
    bool newer = slot == d->slot ? m->version > d->version : slot > d->slot;
    return d->live && !newer ? ferry_device_seconds(d, d->block_at, DAY_MS) : 0;
}

/* Too many beginnings, or erases of this one: seconds. */
static uint32_t worn(const struct ferry_device *d, const struct ferry_boot_state *now,
                     bool same)
{
    if (same && d->wear_left == 0) {
        return ferry_device_seconds(d, d->worn_at, HOUR_MS << d->worn >> 1);
    }
    return now->begins < BEGINS_MAX ? 0 : ferry_device_seconds(d, d->begun_at, DAY_MS);
}

/* What is acceptable may still have to wait. True: so it is answered. */
static bool waits(struct ferry_device *d, const struct ferry_boot_state *now,
                  const struct ferry_manifest *m, uint8_t slot, bool same)
{
    const struct ferry_app *app = d->cfg->app;
    struct ferry_later later = {0};
    unsigned why = FERRY_LATER_PENDING;
    uint32_t wait = taken(d, m, slot);

    if (now->trial || now->committed) {
        if (now->settled || now->committed) { /* the bootloader is to see it */
            ferry_device_ask_reboot(d);
        }
        why = now->trial ? FERRY_LATER_TRIAL : FERRY_LATER_COMMITTED;
        wait = TRIAL_S;
    }
    if (wait == 0) {
        why = FERRY_LATER_WEAR;
        wait = worn(d, now, same);
    }
    if (wait == 0) {
        if (app == NULL || app->may_begin == NULL ||
            app->may_begin(app->ctx, m, &later)) {
            return false;
        }
        why = later.why;
        wait = later.seconds > 0 ? later.seconds : 1;
    }
    (void)ferry_device_answer(d, FERRY_VERDICT_LATER, why, wait);
    d->judgement.detail = later.detail;
    return true;
}

/* The signature holds: everything else that may speak against it. */
FERRY_OUT_OF_LINE static ferry_state judge(struct ferry_device *d)
{
    const struct ferry_device_config *cfg = d->cfg;
    const struct ferry_boot_state *now = cfg->commit->state(cfg->commit->ctx);
    const uint8_t *env = ferry_device_envelope(d);
    uint8_t slot = ferry_envelope_kid(env);
    struct ferry_manifest m;
    bool same = ferry_device_same(d);

    int err =
        ferry_manifest_parse(&m, env + FERRY_ENVELOPE_HEAD,
                             ferry_envelope_payload_len(env), FERRY_READER_DEVICE);
    if (err == 0 && now == NULL) {
        err = FERRY_E_COMMIT;
    }
    if (err == 0) {
        struct ferry_policy p = {cfg->identity, now, cfg->map};
        err = ferry_policy_judge(&p, &m, slot, ferry_device_offered(d));
    }
    if (err == 0 && d->hash_fails >= HASH_TRIES && same) {
        err = FERRY_E_HASH;
    }
    if (err != 0) {
        return ferry_device_refuse(d, err);
    }
    if (waits(d, now, &m, slot, same)) {
        return ferry_device_resting(d);
    }
    ferry_bank_init(&d->bank, cfg->flash, cfg->map, now->active_bank ^ 1U);
    d->slot = slot;
    return accept(d, &m, same);
}

/* The backend's word on the offered envelope. */
ferry_state ferry_device_offer_checked(struct ferry_device *d)
{
    d->checked_at = d->now;
    if (d->result == 0) {
        d->fails = 0;
        return judge(d);
    }
    d->fails = (uint8_t)(d->fails + (d->fails < CHECK_TRIES + CHECK_SHIFT));
    return ferry_device_refuse(d, FERRY_E_SIG);
}

/* Bad signatures make the next check wait. */
static uint32_t check_pause(const struct ferry_device *d)
{
    unsigned shift = d->fails > CHECK_TRIES ? d->fails - CHECK_TRIES : 0;
    return ferry_device_seconds(d, d->checked_at, FERRY_CHECK_MS << shift);
}

ferry_state ferry_device_check_offer(struct ferry_device *d)
{
    struct ferry_envelope e;

    int err = ferry_device_examine(d, &e);
    if (err != 0) {
        return ferry_device_refuse(d, err);
    }
    if (d->live && ferry_device_same(d)) {
        return ferry_device_answer(d, FERRY_VERDICT_ACCEPT, 0, 0);
    }
    uint32_t wait = check_pause(d);
    if (wait > 0) {
        return ferry_device_answer(d, FERRY_VERDICT_LATER, FERRY_LATER_RATE, wait);
    }
    ferry_device_ask(d, &e);
    return d->state;
}
