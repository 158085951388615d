/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what must be true of a device after every step, whatever came. Does not know what
 * came. G3 and G4 are the simulated flash's: it ends the test at the first operation
 * outside the staging bank, or on what is programmed or not erased. */
#include "storm_watch.h"

#include "bank.h"
#include "device_in.h"
#include "window.h"

/* ---- what stands between --------------------------------------------------------- */

static struct storm_watch *watching; /* crypto's context is libsodium's own */

static int watched_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                          const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    struct storm_watch *s = watching;
    int says = s->real.verify(ctx, slot, key, msg, msg_len, sig);

    s->genuine += says == FERRY_VALID;
    if (!s->slow) {
        return says;
    }
    s->owed = says;
    return FERRY_PENDING;
}

/* The facts of a statement; what they say does not matter here. */
static int report(void *ctx, struct ferry_statement *out)
{
    static const uint8_t zero[16];
    const struct sim_commit *c = ctx;

    if (c->unknown) {
        return FERRY_E_STATE;
    }
    out->counter = ++watching->counter;
    out->digest = zero;
    out->outcome_digest = zero;
    out->offender = zero;
    out->refusals = zero;
    return 0;
}

void storm_watch_started(struct storm_watch *s, const struct world *w)
{
    s->genuine = 0;
    s->owed = 0;
    s->live = false;
    s->ops = s->ops_at_start = flash_ops(w);
}

void storm_watch(struct storm_watch *s, struct world *w)
{
    static uint8_t secret[64], public[32], seed[32];

    watching = s;
    crypto_sign_seed_keypair(public, secret, seed);
    w->sodium.secret = secret;
    world_crypto(w);
    s->real = w->crypto;
    w->crypto.verify = watched_verify;
    w->commit.report = report;
    memcpy(s->active, w->flash.bytes, w->map.bank[0].len);
    storm_watch_started(s, w);
}

void storm_watch_answer(struct storm_watch *s, struct world *w)
{
    if (s->owed != 0 && w->device.call == FERRY_CALL_CRYPTO) {
        int says = s->owed;
        s->owed = 0;
        ferry_device_done(&w->device, says, w->now);
    }
}

/* ---- the invariants -------------------------------------------------------------- */

/* G1: what runs is not touched. */
static void active_bank_untouched(const struct storm_watch *s, const struct world *w)
{
    storm_true(s->storm, memcmp(s->active, w->flash.bytes, w->map.bank[0].len) == 0);
}

/* What the device receives is one of those that were signed; which? */
static const struct cargo *received(const struct storm_watch *s, const struct world *w)
{
    unsigned i = 0;

    while (i < STORM_CARGOS &&
           memcmp(w->device.digest, s->cargo[i]->digest, FERRY_HASH_LEN) != 0) {
        i++;
    }
    storm_true(s->storm, i < STORM_CARGOS);
    return s->cargo[i];
}

/* G5: the base is what flash proves; within an epoch no acked chunk is lost. */
static void base_is_proven(struct storm_watch *s, const struct world *w)
{
    const struct ferry_device *d = &w->device;
    const struct ferry_window *now = &d->window, *was = &s->window;

    if (!d->live) {
        s->live = false;
        return;
    }
    const struct cargo *c = received(s, w);
    bool same = s->live && memcmp(s->digest, d->digest, sizeof d->digest) == 0;
    if (!same || now->base != was->base) {
        uint32_t n = ferry_shape_image_before(&now->shape, now->base);
        storm_true(s->storm, world_bank_holds(w, 1, c->image, n));
    }
    if (same && now->epoch == was->epoch) {
        bool next = now->base == was->base + 1;
        uint32_t kept = now->base == was->base ? was->bits[0] : next ? was->bits[1] : 0;
        storm_true(s->storm, now->base >= was->base);
        storm_true(s->storm, (now->bits[0] & kept) == kept);
    }
    s->window = *now;
    memcpy(s->digest, d->digest, sizeof d->digest);
    s->live = true;
}

static bool blank(const struct sim_flash *f, uint32_t at, uint32_t len)
{
    while (len > 0 && f->bytes[at] == f->erased) {
        at++;
        len--;
    }
    return len == 0;
}

/* G5: what is acked was programmed, and not taken back. That a chunk which is as blank as
 * its place was not, nobody can tell where flash is silent about it. */
static void acked_is_programmed(const struct storm_watch *s, const struct world *w)
{
    const struct ferry_device *d = &w->device;
    const struct ferry_window *win = &d->window;

    for (unsigned row = 0; d->live && row < FERRY_WINDOW_CHUNKS; row++) {
        if (ferry_window_has(win, row)) {
            uint32_t index = ferry_window_index(win, row);
            uint32_t at = ferry_bank_chunk_addr(&d->bank, &win->shape, index);
            uint32_t len = ferry_shape_chunk_len(&win->shape, index);
            storm_true(s->storm, w->flash.programmed[at] != 0 ||
                                     (s->silent && blank(&w->flash, at, len)));
        }
    }
}

/* G6: nothing in flash before a signature held, and no more in a step than what came in
 * it can cause: a chunk for each of its shortest frames, what stood in the pool, and a
 * header. */
static void cost_is_bounded(const struct storm_watch *s, const struct world *w)
{
    const struct ferry_device *d = &w->device;
    uint32_t ops = flash_ops(w) - s->ops;

    storm_true(s->storm, s->genuine > 0 || flash_ops(w) == s->ops_at_start);
    storm_true(s->storm, ops <= s->bytes / 8 + d->slots + 16U);
    storm_true(s->storm, d->count <= d->slots);
    storm_true(s->storm, d->env_have <= FERRY_ENVELOPE_MAX);
}

/* Every wait has an end. */
static void state_is_legal(const struct storm_watch *s, const struct world *w,
                           bool idle)
{
    const struct ferry_device *d = &w->device;
    uint32_t left = ferry_device_deadline(d, w->now);
    bool works = d->state != FERRY_DEVICE_IDLE && d->state != FERRY_DEVICE_RECEIVING &&
                 d->state != FERRY_DEVICE_BROKEN;

    storm_true(s->storm, d->state < FERRY_DEVICE_STATES);
    storm_true(s->storm, left > 0 || !idle);
    storm_true(s->storm, left != UINT32_MAX || (!works && !d->session));
    storm_true(s->storm, !d->session || left <= 30000);
    storm_true(s->storm, d->state != FERRY_DEVICE_RECEIVING || d->live);
    storm_true(s->storm, d->error <= 0 && d->error > -70);
}

void storm_watch_step(struct storm_watch *s, const struct world *w, bool idle)
{
    active_bank_untouched(s, w);
    base_is_proven(s, w);
    acked_is_programmed(s, w);
    cost_is_bounded(s, w);
    state_is_legal(s, w, idle);
    s->ops = flash_ops(w);
    s->bytes = 0;
}

/* ---- at the end ------------------------------------------------------------------ */

void storm_watch_all_is_well(struct world *w)
{
    w->flash.faults = 0;
    w->flash.power_low = false;
    w->boot.unknown = false;
    w->boot.result = 0;
}

void storm_watch_genuine(const struct storm_watch *s, const struct world *w)
{
    const struct ferry_ticket *t = &w->boot.ticket;
    unsigned i = 0;

    while (i < STORM_CARGOS &&
           memcmp(t->digest, s->cargo[i]->digest, sizeof t->digest) != 0) {
        i++;
    }
    storm_true(s->storm, i < STORM_CARGOS && ferry_ticket_holds(t));
    const struct cargo *c = s->cargo[i];
    storm_true(s->storm, !c->untrue);
    storm_true(s->storm, world_bank_holds(w, t->bank, c->image, c->len));
}

void storm_watch_honest(struct storm_watch *s, struct world *w)
{
    const struct cargo *c = s->cargo[0];

    storm_watch_all_is_well(w);
    s->slow = false;
    world_power_cut(w);
    world_run(w, 2 * DAY);
    send_courier(w, c);
    storm_true(s->storm, travel(w, c, DAY));
    expect_arrived(w, c);
}
