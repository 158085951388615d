/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a journey is set up, run and judged. Does not know what goes wrong on it. */
#include "scene.h"

#include <stdlib.h>

#include "bank.h"
#include "window.h"

static struct world the_world, the_copy;

/* ---- cargo ----------------------------------------------------------------------- */

static void point(struct cargo *c, size_t env_len)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];

    memcpy(room + FERRY_TBS_SPARE, c->bytes, env_len);
    crypto_hash_sha256(c->digest, room, ferry_tbs_make(room + FERRY_TBS_SPARE));
    c->env_len = env_len;
    c->env = c->bytes;
    c->table = c->env + env_len;
    c->image = c->table + c->table_len;
    c->artifact.bytes = c->bytes;
    c->artifact.len = env_len + c->table_len + c->len;
}

void cargo_make(struct cargo *c, const struct release *r, uint32_t len, uint64_t seed)
{
    static uint8_t image[CARGO_MAX];
    struct release plain;
    uint64_t rng = seed * 0x9E3779B97F4A7C15ULL + 1;

    assert_true(len <= CARGO_MAX);
    for (uint32_t i = 0; i < len; i++) {
        image[i] = (uint8_t)rng_next(&rng);
    }
    release_default(&plain);
    r = r != NULL ? r : &plain;
    size_t total = release_make(r, image, len, c->bytes);
    c->len = len;
    c->untrue = r->untrue;
    c->table_len = ferry_table_len(len);
    point(c, total - c->table_len - len);
}

uint8_t *cargo_edit(struct cargo *c, const uint8_t *part)
{
    return c->bytes + (part - c->bytes);
}

void cargo_resign(struct cargo *c, const struct ferry_manifest *m, uint8_t slot)
{
    static uint8_t rest[CARGO_MAX + BLOCK];
    uint8_t payload[FERRY_PAYLOAD_MAX];
    size_t n = c->table_len + c->len;

    memcpy(rest, c->table, n);
    size_t len = ferry_manifest_encode(m, payload, sizeof payload);
    len = release_sign(payload, len, slot, slot, c->bytes);
    memcpy(c->bytes + len, rest, n);
    point(c, len);
}

const uint8_t *cargo_chunk(const struct cargo *c, const struct ferry_shape *s,
                           uint32_t index)
{
    uint32_t per = ferry_shape_per_block(s);
    uint32_t block = index / per;
    uint32_t off = index % per * s->chunk;

    return block == 0 ? c->table + off : c->image + (block - 1) * BLOCK + off;
}

/* ---- the world ------------------------------------------------------------------- */

void scene_options(struct world_options *o)
{
    world_defaults(o);
    o->bank_len = 64U * 1024U;
    o->mtu = 247;
    o->interval_ms = 15;
    o->pool_chunks = 8;
}

struct world *scene(const struct world_options *o)
{
    assert_true(sodium_init() >= 0);
    world_init(&the_world, o);
    assert_int_equal(ferry_device_config_check(&the_world.device_cfg), 0);
    return &the_world;
}

struct world *plain_scene(void)
{
    struct world_options o;

    scene_options(&o);
    return scene(&o);
}

struct world *scene_now(void)
{
    return &the_world;
}

void scene_keep(void)
{
    world_snapshot(&the_world, &the_copy);
}

void scene_bring_back(void)
{
    world_restore(&the_world, &the_copy);
}

void send_courier(struct world *w, const struct cargo *c)
{
    world_courier(w, &c->artifact, 1);
    world_connect(w);
}

/* ---- a watched journey ----------------------------------------------------------- */

/* Does the device receive this cargo, and nothing else? */
static bool carries(const struct world *w, const struct cargo *c)
{
    return w->device.live && memcmp(w->device.digest, c->digest, sizeof c->digest) == 0;
}

/* Every block verified, and every chunk acked, stands in flash as it was signed. */
static void watch(const struct world *w, const struct cargo *c, bool honest)
{
    const struct ferry_window *win = &w->device.window;
    const uint8_t *bank = w->flash.bytes + w->map.bank[world_staging(w)].addr;
    const uint8_t *image = bank + w->map.header_len;

    uint32_t verified = ferry_shape_image_before(&win->shape, win->base);
    uint32_t from = verified > BLOCK ? verified - BLOCK : 0;
    assert_memory_equal(image + from, c->image + from, verified - from);
    for (unsigned row = 0; honest && row < FERRY_WINDOW_CHUNKS; row++) {
        if (ferry_window_has(win, row)) {
            uint32_t index = ferry_window_index(win, row);
            uint32_t addr = ferry_bank_chunk_addr(&w->device.bank, &win->shape, index);
            assert_memory_equal(w->flash.bytes + addr,
                                cargo_chunk(c, &win->shape, index),
                                ferry_shape_chunk_len(&win->shape, index));
        }
    }
}

/* The courier missed DONE and was told to come back after the reboot. */
static bool waits_for_reboot(const struct world *w)
{
    return w->reboot_wanted && w->courier.state == FERRY_COURIER_LATER &&
           w->courier.later.why == FERRY_LATER_COMMITTED;
}

static bool over(const struct world *w)
{
    enum ferry_courier_state s = ferry_courier_state(&w->courier);

    return s == FERRY_COURIER_DONE || s == FERRY_COURIER_REFUSED ||
           (s == FERRY_COURIER_PARKED && !w->courier.will_resume);
}

static bool journey(struct world *w, const struct cargo *c, uint32_t ms, bool honest)
{
    uint32_t until = w->now + ms;

    while (w->now != until && !over(w)) {
        world_step(w, until);
        if (carries(w, c)) {
            watch(w, c, honest);
        }
        if (waits_for_reboot(w)) {
            world_reboot(w);
            world_connect(w);
        }
    }
    return ferry_courier_state(&w->courier) == FERRY_COURIER_DONE;
}

bool travel(struct world *w, const struct cargo *c, uint32_t ms)
{
    return journey(w, c, ms, true);
}

bool travel_forged(struct world *w, const struct cargo *c, uint32_t ms)
{
    return journey(w, c, ms, false);
}

bool run_until(struct world *w, enum ferry_device_state s, uint32_t ms)
{
    uint32_t until = w->now + ms;

    while (w->now != until && ferry_device_state(&w->device) != s) {
        world_step(w, until);
    }
    return ferry_device_state(&w->device) == s;
}

void run_until_parked(struct world *w)
{
    uint32_t until = w->now + HOUR;

    while (w->now != until && w->courier.state != FERRY_COURIER_PARKED) {
        world_step(w, until);
    }
}

void run_events(struct world *w, unsigned n)
{
    while (n > 0 && w->link.up && !over(w)) {
        uint32_t next = w->link.next_event;
        world_step(w, w->now + MINUTE);
        n -= w->link.next_event != next;
    }
}

/* ---- questions ------------------------------------------------------------------- */

uint32_t flash_ops(const struct world *w)
{
    return w->flash.erases + w->flash.writes;
}

void expect_arrived(const struct world *w, const struct cargo *c)
{
    assert_int_equal(ferry_courier_state(&w->courier), FERRY_COURIER_DONE);
    assert_true(world_bank_holds(w, 1, c->image, c->len));
    assert_memory_equal(w->flash.bytes + w->map.bank[1].addr, c->env, c->env_len);
    assert_int_equal(w->boot.ticket.bank, 1);
    assert_memory_equal(w->boot.ticket.digest, c->digest, sizeof c->digest);
    assert_true(ferry_ticket_holds(&w->boot.ticket));
}

void expect_no_commit(const struct world *w)
{
    assert_int_equal(w->boot.requests, 0);
    assert_int_equal(w->events.committed, 0);
    assert_int_not_equal(ferry_device_state(&w->device), FERRY_DEVICE_COMMITTED);
}

void scene_expect_err(const char *row, int got, int want, const char *file, int line)
{
    if (got != want) {
        print_error("%s: got %s (%d), want %s (%d)\n", row, ferry_errname(got), got,
                    ferry_errname(want), want);
        _fail(file, line);
    }
}

void scene_expect_true(const char *row, bool fact, const char *words, const char *file,
                       int line)
{
    if (!fact) {
        print_error("%s: not so: %s\n", row, words);
        _fail(file, line);
    }
}

const char *round_name(const char *name, uint32_t n)
{
    static char names[4][64];
    static unsigned next;
    char *to = names[next++ % 4];

    snprintf(to, sizeof names[0], "%s %u", name, (unsigned)n);
    return to;
}
