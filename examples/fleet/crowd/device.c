/* SPDX-License-Identifier: Apache-2.0
 *
 * A device's life, in hours: the engine, the bootloader and the flash are real or the
 * simulation's (tests/sim); when it crashes and when it dies is decided here. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "crowd.h"

#define MINUTE_MS 60000U
#define HOUR_MS 3600000U
#define LIVE_AT_ONCE_H 24.0 /* virtual milliseconds have 32 bits */

/* ---- making one ------------------------------------------------------------------ */

static void seed_of(const struct crowd_options *o, uint32_t number, uint8_t seed[32])
{
    char text[64];

    snprintf(text, sizeof text, "crowd %u %u", (unsigned)o->seed, (unsigned)number);
    crypto_generichash(seed, 32, (const uint8_t *)text, strlen(text), NULL, 0);
}

void device_name(struct crowd_device *d, const struct crowd_options *o, uint32_t number)
{
    uint8_t seed[32], secret[64];

    seed_of(o, number, seed);
    crypto_sign_seed_keypair(d->public_key, secret, seed);
    crypto_generichash(d->id, sizeof d->id, d->public_key, 32, NULL, 0);
    /* Not in turn: phones have their devices in turn, and each has all revisions. */
    d->hw_rev = o->revision[d->id[0] % o->revisions];
}

/* What the factory burns: keys, class, id, and the device's own key. */
static void burn(struct crowd_device *d, const struct crowd_options *o, uint32_t number)
{
    struct world *w = d->world;
    uint8_t seed[32];
    size_t len;

    sodium_hex2bin(w->keys[0].key, 32, o->key, strlen(o->key), NULL, &len, NULL);
    sodium_hex2bin(w->identity.class_id, 16, o->class_id, strlen(o->class_id), "-",
                   &len, NULL);
    memcpy(w->identity.device_id, d->id, sizeof d->id);
    w->identity.hw_rev = d->hw_rev;
    board_install(w);
    seed_of(o, number, seed);
    crypto_sign_seed_keypair(w->board.public_key, w->board.secret_key, seed);
}

bool device_make(struct crowd_device *d, const struct crowd_options *o, uint32_t number,
                 const uint8_t *factory, size_t len)
{
    struct world_options options;

    memset(d, 0, sizeof *d);
    device_name(d, o, number);
    d->random = o->seed * UINT64_C(1000003) + number;
    d->next_crash_h = HUGE_VAL;
    d->dies_h = chance_uniform(&d->random) < o->die
                    ? chance_uniform(&d->random) * o->hours
                    : HUGE_VAL;
    d->world = malloc(sizeof *d->world);
    if (d->world == NULL) {
        return false;
    }
    world_defaults(&options);
    options.bank_len = 32U * 1024U;
    options.mtu = (uint16_t)o->mtu;
    options.pool_chunks = 16;
    options.seed = d->random;
    options.factory = (struct artifact_bytes){factory, len};
    world_init(d->world, &options);
    burn(d, o, number);
    world_power_cut(d->world);
    d->ran = device_version(d);
    return device_boots(d);
}

void device_free(struct crowd_device *d)
{
    free(d->world);
}

/* ---- living ---------------------------------------------------------------------- */

bool device_boots(const struct crowd_device *d)
{
    return d->world->board.booted >= 0;
}

bool device_is_dead(const struct crowd_device *d)
{
    return d->lived_h >= d->dies_h;
}

uint32_t device_version(const struct crowd_device *d)
{
    return d->world->board.app.state.version;
}

static bool is_bad(const struct crowd_device *d, const struct crowd_options *o)
{
    return o->crash.version != 0 && d->ran == o->crash.version &&
           d->hw_rev == o->crash.hw_rev;
}

static void count_change(struct crowd_device *d, uint32_t version)
{
    if (version > d->ran) {
        d->updates++;
        d->healed += d->was_bad;
        d->was_bad = false;
    } else if (board_record(d->world).outcome == FERRY_OUTCOME_CRASH_LOOP) {
        d->back_by_net++;
    } else {
        d->back_by_trial++;
    }
}

/* What runs now, and how that came about. */
static void note(struct crowd_device *d, const struct crowd_options *o)
{
    uint32_t version = device_version(d);

    if (version == d->ran) {
        return;
    }
    count_change(d, version);
    d->ran = version;
    d->next_crash_h = HUGE_VAL;
    if (is_bad(d, o)) {
        double spread = 0.9 + 0.2 * chance_uniform(&d->random);
        d->was_bad = true;
        d->next_crash_h = d->lived_h + o->crash.after_h * spread;
    }
}

static void crash(struct crowd_device *d, const struct crowd_options *o)
{
    d->crashes++;
    d->next_crash_h = d->lived_h + chance_exponential(&d->random, o->crash.every_h);
    world_reset(d->world, FERRY_RESET_FAULT);
    note(d, o);
}

/* Alone with itself. */
static void pass(struct crowd_device *d, double hours)
{
    while (hours > 0) {
        double some = hours < LIVE_AT_ONCE_H ? hours : LIVE_AT_ONCE_H;
        world_run(d->world, (uint32_t)(some * HOUR_MS));
        d->lived_h += some;
        hours -= some;
    }
}

void device_live(struct crowd_device *d, const struct crowd_options *o, double hour)
{
    double until = hour < d->dies_h ? hour : d->dies_h;

    while (device_boots(d) && d->next_crash_h < until) {
        pass(d, d->next_crash_h - d->lived_h);
        crash(d, o);
    }
    if (d->lived_h < until) {
        pass(d, until - d->lived_h);
    }
    if (hour >= d->dies_h) {
        d->lived_h = hour;
    }
}

/* The application restarts itself: into what was committed, or with its confirm. */
void device_settle(struct crowd_device *d, const struct crowd_options *o)
{
    struct world *w = d->world;
    const struct ferry_boot_state *s = &w->board.app.state;

    world_disconnect(w);
    world_run(w, MINUTE_MS);
    if (w->reboot_wanted || s->committed || (s->trial && s->settled)) {
        board_planned_reset(w);
    }
    note(d, o);
}
