/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to let both ends meet and time pass. Does not know what a test wants. */
#include "world.h"

#include <string.h>

#include "seams.h"

#define FAR UINT32_MAX
#define BANK0 0x00000000U
#define LINK_GAP 0x1000U

/* ---- making a world -------------------------------------------------------------- */

void world_defaults(struct world_options *o)
{
    memset(o, 0, sizeof *o);
    o->chunk = 128;
    o->pool_chunks = 3;
    o->bank_len = 512U * 1024U;
    o->header_len = 4096;
    o->erase_unit = 4096;
    o->write_unit = 4;
    o->erased = 0xFF;
    o->mtu = 23;
    o->interval_ms = 30;
    o->per_event = 4;
    o->seed = 1;
}

/* The staging bank and nothing else may be written. */
static void grant(struct world *w)
{
    sim_flash_grant_area(&w->flash, 0, w->map.bank[world_staging(w)]);
}

void world_start_device(struct world *w)
{
    w->device_cfg.session_seed = (uint16_t)(w->boots * 977U);
    w->boots++;
    w->reboot_wanted = false;
    memset(w->pool, 0xEE, sizeof w->pool);
    ferry_device_init(&w->device, &w->device_cfg, w->now);
}

static void start(struct world *w, enum ferry_reset reset)
{
    if (w->opt.factory.bytes != NULL) {
        board_start(w, reset);
    } else {
        world_start_device(w);
        grant(w);
    }
}

void world_crypto(struct world *w)
{
    w->crypto = ferry_sodium_crypto(&w->sodium);
    if (w->sodium.secret != NULL) {
        w->crypto.sign = ferry_sodium_sign;
    }
    if (w->opt.toy) {
        w->crypto.verify = release_toy_verify;
    }
}

static void make_device(struct world *w)
{
    const struct world_options *o = &w->opt;

    sim_flash_init(&w->flash, 2 * o->bank_len + 4 * o->erase_unit, o->erase_unit,
                   o->write_unit, o->erased);
    w->flash.mode = o->mode;
    w->flash_hal = sim_flash_hal(&w->flash, &w->now);
    w->boot_hal = w->flash_hal;
    w->flash_hal =
        flash_time_hal(&w->flash_time, o->flash_time, &w->flash, &w->boot_hal);
    for (unsigned i = 0; i < 2; i++) {
        w->map.bank[i].addr = BANK0 + i * o->bank_len;
        w->map.bank[i].len = o->bank_len;
        w->map.link[i] = i * 0x80000U + LINK_GAP;
    }
    w->map.header_len = o->header_len;
    struct release r;
    release_default(&r);
    release_keys(w->keys);
    memcpy(w->identity.class_id, r.class_id, 16);
    memset(w->identity.device_id, 0xD5, 16);
    w->identity.hw_rev = 3;
    w->identity.boot_caps = FERRY_CAP_EDDSA | FERRY_CAP_KEY_DEVICE;
    w->identity.keys = w->keys;
    world_crypto(w);
    w->boot.state.version = 0x01000000;
    w->boot.state.floor = 5;
    memset(w->boot.state.digest, 0xAC, sizeof w->boot.state.digest);
    w->commit = world_seam_commit(w);
    w->app = (struct ferry_app){w, NULL, NULL, NULL, world_seam_event};
    w->device_cfg = (struct ferry_device_config){
        .identity = &w->identity,
        .map = &w->map,
        .flash = &w->flash_hal,
        .crypto = &w->crypto,
        .commit = &w->commit,
        .app = &w->app,
        .pool = (uint8_t *)w->pool,
        .pool_len = (uint16_t)(o->pool_chunks * FERRY_DEVICE_SLOT(o->chunk)),
        .chunk = o->chunk,
        .ack_every = o->ack_every,
    };
    if (o->factory.bytes != NULL) {
        board_install(w);
    }
    start(w, FERRY_RESET_POWER);
}

void world_init(struct world *w, const struct world_options *o)
{
    memset(w, 0, sizeof *w);
    w->opt = *o;
    sim_link_init(&w->link, o->mtu, o->interval_ms, o->per_event, o->seed);
    w->link.loss_ppm = o->loss_ppm;
    make_device(w);
}

/* All of it, but of flash only what there is. */
static void world_copy(struct world *to, const struct world *from)
{
    const size_t flash = offsetof(struct world, flash);
    const size_t behind = flash + sizeof from->flash;

    memcpy(to, from, flash);
    sim_flash_copy(&to->flash, &from->flash);
    memcpy((uint8_t *)to + behind, (const uint8_t *)from + behind,
           sizeof *from - behind);
}

void world_snapshot(const struct world *w, struct world *copy)
{
    world_copy(copy, w);
}

void world_restore(struct world *w, const struct world *copy)
{
    world_copy(w, copy);
}

void world_courier(struct world *w, const struct artifact_bytes *artifacts, unsigned n)
{
    if (n > 0) {
        memcpy(w->artifacts, artifacts, n * sizeof *artifacts);
    }
    w->nonces++;
    w->courier_cfg = (struct ferry_courier_config){
        .ctx = w,
        .read = world_seam_read,
        .statement = world_seam_statement,
        .artifacts = (uint8_t)n,
        .nonce = {1, 2, (uint8_t)(w->nonces >> 8), (uint8_t)w->nonces},
        .value_max = 512,
    };
    if (ferry_courier_init(&w->courier, &w->courier_cfg, w->now) != 0) {
        w->courier.cfg = NULL;
    }
}

void world_connect(struct world *w)
{
    sim_link_clear(&w->link);
    w->link.up = true;
    w->link.next_event = w->now + w->link.interval_ms;
    ferry_device_link(&w->device, true, w->now);
    ferry_courier_link(&w->courier, true, w->now);
}

void world_disconnect(struct world *w)
{
    if (w->link.up) {
        w->link.up = false;
        ferry_device_link(&w->device, false, w->now);
        ferry_courier_link(&w->courier, false, w->now);
    }
}

unsigned world_staging(const struct world *w)
{
    if (w->opt.factory.bytes != NULL) {
        return board_staging(w);
    }
    return w->boot.state.active_bank ^ 1U;
}

void world_reset(struct world *w, enum ferry_reset reset)
{
    world_disconnect(w);
    sim_flash_reset(&w->flash);
    flash_time_reset(&w->flash_time);
    start(w, reset);
}

void world_power_cut(struct world *w)
{
    world_reset(w, FERRY_RESET_POWER);
}

void world_reboot(struct world *w)
{
    struct ferry_boot_state *s = &w->boot.state;

    if (w->opt.factory.bytes != NULL) {
        board_planned_reset(w);
        return;
    }
    if (s->committed) {
        s->committed = false;
        s->active_bank = w->boot.ticket.bank;
        s->version = w->boot.ticket.version;
        memcpy(s->digest, w->boot.ticket.digest, sizeof s->digest);
    }
    world_power_cut(w);
}

/* ---- time ------------------------------------------------------------------------ */

static void drain(struct world *w)
{
    for (unsigned i = 0; i < 100000 && ferry_device_deadline(&w->device, w->now) == 0;
         i++) {
        ferry_device_tick(&w->device, w->now);
    }
}

/* What arrives at this event. */
static void deliver(struct world *w, unsigned direction)
{
    struct sim_value v;

    while (sim_link_arrives(&w->link, direction, &v)) {
        if (w->middle != NULL) {
            w->middle(w, direction, &v);
        }
        if (v.len == 0) {
            continue;
        }
        if (direction == SIM_TO_DEVICE) {
            ferry_device_input(&w->device, v.bytes, v.len, w->now);
            drain(w);
        } else {
            ferry_courier_input(&w->courier, v.bytes, v.len, w->now);
        }
    }
}

/* When did image bytes begin to flow, when was the last of them acked? */
static void observe(struct world *w)
{
    struct ferry_courier_progress p;

    if (w->image_began == 0 && w->courier.counts.image_bytes_sent > 0) {
        w->image_began = w->now;
    }
    ferry_courier_progress(&w->courier, &p);
    if (w->image_began != 0 && w->image_acked == 0 && p.acked == p.image_len) {
        w->image_acked = w->now;
    }
}

/* One end says what it has, as far as its stack takes it. */
static void listen(struct world *w, unsigned direction)
{
    size_t cap = sim_link_value_max(&w->link);
    struct sim_value *v;
    size_t len = 1;

    while (len > 0 && (v = sim_link_room(&w->link, direction)) != NULL) {
        len = direction == SIM_TO_DEVICE
                  ? ferry_courier_output(&w->courier, v->bytes, cap, w->now)
                  : ferry_device_output(&w->device, v->bytes, cap, w->now);
        sim_link_said(&w->link, direction, v, len);
    }
}

/* Both ends say what they have to say before they hear each other. */
static void event(struct world *w)
{
    sim_link_begin(&w->link, w->now);
    if (flash_time_silent(&w->flash_time)) {
        return;
    }
    listen(w, SIM_TO_DEVICE);
    listen(w, SIM_TO_COURIER);
    observe(w);
    deliver(w, SIM_TO_DEVICE);
    deliver(w, SIM_TO_COURIER);
    observe(w);
}

/* The phone comes and goes. */
static void wander(struct world *w)
{
    enum sim_range_event ev;

    while ((ev = sim_range_now(&w->range, w->now)) != SIM_RANGE_NOTHING) {
        w->link.away = ev != SIM_RANGE_CAME;
        if (ev == SIM_RANGE_NOTICED) {
            world_disconnect(w);
        } else if (ev == SIM_RANGE_CAME && !w->link.up) {
            world_connect(w);
        }
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void world_step(struct world *w, uint32_t until)
{
    int status;

    wander(w);
    if (sim_flash_ended(&w->flash, w->now, &status) ||
        flash_time_ended(&w->flash_time, w->now, &status)) {
        ferry_device_done(&w->device, status, w->now);
    }
    if (w->boot.owed) {
        w->boot.owed = false;
        ferry_device_done(&w->device, 0, w->now);
    }
    drain(w);
    if (ferry_courier_deadline(&w->courier, w->now) == 0) {
        ferry_courier_tick(&w->courier, w->now);
    }
    uint32_t wait = until - w->now;
    wait = least(wait, sim_range_wait(&w->range, w->now));
    wait = least(wait, sim_flash_wait(&w->flash, w->now));
    wait = least(wait, flash_time_wait(&w->flash_time, w->now));
    wait = least(wait, ferry_device_deadline(&w->device, w->now));
    wait = least(wait, ferry_courier_deadline(&w->courier, w->now));
    if (w->link.up) {
        wait = least(wait, w->link.next_event - w->now);
    }
    w->now += wait;
    if (w->link.up && w->link.next_event == w->now) {
        event(w);
    }
}

void world_run(struct world *w, uint32_t ms)
{
    uint32_t until = w->now + ms;

    while (w->now != until) {
        world_step(w, until);
    }
}

static bool stopped(const struct world *w)
{
    enum ferry_courier_state s = ferry_courier_state(&w->courier);

    return s == FERRY_COURIER_DONE || s == FERRY_COURIER_REFUSED ||
           (s == FERRY_COURIER_PARKED && !w->courier.will_resume);
}

bool world_finish(struct world *w, uint32_t ms)
{
    uint32_t until = w->now + ms;

    while (w->now != until && !stopped(w)) {
        world_step(w, until);
    }
    return ferry_courier_state(&w->courier) == FERRY_COURIER_DONE;
}

/* ---- questions ------------------------------------------------------------------- */

bool world_bank_holds(const struct world *w, unsigned bank, const uint8_t *image,
                      uint32_t len)
{
    uint32_t at = w->map.bank[bank].addr + w->map.header_len;
    return memcmp(w->flash.bytes + at, image, len) == 0;
}

uint32_t world_goodput(const struct world *w, uint32_t image_len)
{
    uint32_t ms = w->image_acked - w->image_began;

    return ms == 0 ? 0 : (uint32_t)((uint64_t)image_len * 1000U / ms);
}
