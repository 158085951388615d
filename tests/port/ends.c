/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a device and a phone are put together from the parts of the port. Does not
 * know what happens to them. */
#include "ends.h"

#include <stdio.h>

#include "crypto_sodium.h"
#include "release.h"

#define CHUNK 128U
#define CHUNKS 16U
#define PATIENCE_MS (10U * 60000U)

const struct ferry_flash_geometry ends_geometry = {
    .size = 0x34000, .erase_unit = 4096, .write_unit = 4, .erased = 0xFF};

static struct ferry_shaper shaped(const struct ends_weather *w, uint64_t side,
                                  uint32_t now)
{
    const struct ferry_shaper_config cfg = {
        .interval_ms = w->interval_ms,
        .mtu = w->mtu,
        .per_event = w->per_event,
        .loss_ppm = w->loss_ppm,
        .seed = w->seed * 2 + side,
    };
    struct ferry_shaper s;

    if (ferry_shaper_init(&s, &cfg, now) != 0) {
        memset(&s, 0, sizeof s);
    }
    return s;
}

/* ---- the device ------------------------------------------------------------------ */

/* All of a device's RAM. */
struct board {
    struct device_story *story;
    struct ferry_clock clock;
    struct ferry_flash_file file;
    struct ferry_flash flash;
    struct ferry_shaper shaper;
    struct ferry_pump pump;
    struct ferry_map map;
    struct ferry_key keys[FERRY_KEY_SLOTS];
    struct ferry_identity identity;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    struct ferry_boot_state boot;
    struct ferry_commit commit;
    struct ferry_app app;
    struct ferry_device_config cfg;
    struct ferry_device device;
    uint32_t pool[CHUNKS * FERRY_DEVICE_SLOT(CHUNK) / 4];
    bool reboot;
};

static const struct ferry_boot_state *boot_state(void *ctx)
{
    const struct board *b = ctx;
    return &b->boot;
}

static int boot_request(void *ctx, const struct ferry_ticket *t)
{
    struct board *b = ctx;

    if (!ferry_ticket_holds(t)) {
        return FERRY_E_STATE;
    }
    b->boot.committed = true;
    b->story->version = t->version;
    memcpy(b->story->digest, t->digest, sizeof b->story->digest);
    return 0;
}

static void on_event(void *ctx, enum ferry_event event, int err)
{
    struct board *b = ctx;
    struct device_story *s = b->story;

    s->error = err != 0 ? err : s->error;
    s->begins = s->begins + (event == FERRY_EVENT_BEGIN);
    s->resumes = s->resumes + (event == FERRY_EVENT_RESUME);
    s->committed = s->committed + (event == FERRY_EVENT_COMMITTED);
    s->bad = s->bad + (event == FERRY_EVENT_REFUSED || event == FERRY_EVENT_TRANSFER ||
                       event == FERRY_EVENT_SECURITY);
    b->reboot |= event == FERRY_EVENT_REBOOT;
    s->rebooted |= b->reboot;
}

static void refused(void *ctx, uint32_t addr, const char *rule)
{
    (void)ctx;
    fprintf(stderr, "flash at 0x%x: %s\n", (unsigned)addr, rule);
}

static void identify(struct board *b)
{
    struct release r;

    release_default(&r);
    release_keys(b->keys);
    memcpy(b->identity.class_id, r.class_id, 16);
    memset(b->identity.device_id, 0xD5, 16);
    b->identity.hw_rev = 3;
    b->identity.boot_caps = FERRY_CAP_EDDSA | FERRY_CAP_KEY_DEVICE;
    b->identity.keys = b->keys;
    b->boot.version = 0x01000000;
    b->boot.floor = 5;
    memset(b->boot.digest, 0xAC, sizeof b->boot.digest);
    if (b->story->rebooted) {
        b->boot.active_bank = 1;
        b->boot.version = b->story->version;
        memcpy(b->boot.digest, b->story->digest, sizeof b->boot.digest);
    }
    b->map = (struct ferry_map){
        .bank = {{0, ENDS_STAGING}, {ENDS_STAGING, ENDS_STAGING}},
        .link = {0x1000, r.link},
        .header_len = ENDS_HEADER,
        .boot_journal = {0x30000, 0x31000},
        .app_journal = {0x32000, 0x33000},
    };
}

static int assemble(struct board *b)
{
    identify(b);
    b->flash = ferry_flash_file_hal(&b->file);
    b->crypto = ferry_sodium_crypto(&b->sodium);
    b->commit =
        (struct ferry_commit){.ctx = b, .state = boot_state, .request = boot_request};
    b->app = (struct ferry_app){.ctx = b, .event = on_event};
    b->cfg = (struct ferry_device_config){
        .identity = &b->identity,
        .map = &b->map,
        .flash = &b->flash,
        .crypto = &b->crypto,
        .commit = &b->commit,
        .app = &b->app,
        .pool = (uint8_t *)b->pool,
        .pool_len = sizeof b->pool,
        .chunk = CHUNK,
        .session_seed = (uint16_t)ferry_clock_now(&b->clock),
    };
    int err = ferry_device_config_check(&b->cfg);
    if (err == 0) {
        ferry_device_init(&b->device, &b->cfg, ferry_clock_now(&b->clock));
    }
    return err;
}

static void tell(struct board *b)
{
    struct device_story *s = b->story;

    s->said = b->pump.said;
    s->heard = b->pump.heard;
    s->lost = b->shaper.lost;
    s->events = b->shaper.events;
    s->erases = b->file.erases;
    s->writes = b->file.writes;
}

static int start(struct board *b, const char *flash)
{
    if (ferry_flash_file_open(&b->file, flash, &ends_geometry, true) != 0) {
        fprintf(stderr, "%s\n", b->file.why);
        return FERRY_E_FLASH;
    }
    b->file.refused = refused;
    b->file.pass = ferry_clock_pass;
    b->file.pass_ctx = &b->clock;
    b->file.erase_ms = 85;
    b->file.word_us = 41;
    return assemble(b);
}

static struct board board;

int device_end_run(void *device_end)
{
    const struct device_end *d = device_end;
    struct board *b = &board;

    ferry_link_close(d->other);
    memset(b, 0, sizeof *b);
    b->story = d->story;
    ferry_clock_init(&b->clock, ENDS_FACTOR);
    uint32_t began = ferry_clock_now(&b->clock);
    b->shaper = shaped(&d->weather, 1, began);
    ferry_pump_init(&b->pump, &b->clock, d->link, &b->shaper);
    if (start(b, d->flash) != 0) {
        return 1;
    }
    while (!b->reboot && ferry_clock_now(&b->clock) - began < PATIENCE_MS) {
        ferry_pump_device(&b->pump, &b->device, 1000);
        tell(b);
        if (!d->forever && !ferry_link_up(d->link)) {
            return 2;
        }
    }
    return b->reboot ? 0 : 3;
}

struct ferry_device *device_end_here(const char *flash, struct ferry_clock *clock)
{
    static struct device_story story;

    memset(&board, 0, sizeof board);
    board.story = &story;
    board.clock = *clock;
    assert_int_equal(start(&board, flash), 0);
    return &board.device;
}

void device_end_close(void)
{
    ferry_flash_file_close(&board.file);
}

/* ---- the phone ------------------------------------------------------------------- */

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    const struct phone_end *p = ctx;

    if (which != 0 || off > p->artifact_len || len > p->artifact_len - off) {
        return -1;
    }
    memcpy(buf, p->artifact + off, len);
    return 0;
}

void phone_end_init(struct phone_end *p, struct ferry_link *link,
                    const struct ends_weather *weather)
{
    struct dice d = {0x1CE};
    struct release r;

    memset(p, 0, sizeof *p);
    ferry_clock_init(&p->clock, ENDS_FACTOR);
    p->began = ferry_clock_now(&p->clock);
    p->shaper = shaped(weather, 0, p->began);
    ferry_pump_init(&p->pump, &p->clock, link, &p->shaper);
    roll_bytes(&d, p->image, sizeof p->image);
    release_default(&r);
    assert_true(release_room(ENDS_IMAGE) <= sizeof p->artifact);
    p->artifact_len = release_make(&r, p->image, sizeof p->image, p->artifact);
    p->head_len = p->artifact_len - sizeof p->image;
    p->cfg = (struct ferry_courier_config){
        .ctx = p,
        .read = read_artifact,
        .artifacts = 1,
        .nonce = {1, 2, 3, (uint8_t)p->began},
        .value_max = (uint16_t)(weather->mtu - 3U),
    };
    assert_int_equal(ferry_courier_init(&p->courier, &p->cfg, p->began), 0);
}

bool phone_end_run(struct phone_end *p, uint32_t ms, bool (*more)(void *ctx), void *ctx)
{
    uint32_t from = ferry_clock_now(&p->clock);
    enum ferry_courier_state s = ferry_courier_state(&p->courier);

    while (s != FERRY_COURIER_DONE && s != FERRY_COURIER_REFUSED &&
           ferry_clock_now(&p->clock) - from < ms && (more == NULL || more(ctx))) {
        ferry_pump_courier(&p->pump, &p->courier, 100);
        s = ferry_courier_state(&p->courier);
    }
    p->ended = ferry_clock_now(&p->clock);
    return s == FERRY_COURIER_DONE;
}

void ends_expect_arrived(const struct phone_end *p, const char *flash)
{
    struct bench b;
    const uint8_t *bank;

    bench_open(&b, flash, &ends_geometry);
    bank = b.file.bytes + ENDS_STAGING;
    assert_memory_equal(bank + ENDS_HEADER, p->image, sizeof p->image);
    size_t table_len = ferry_table_len(ENDS_IMAGE);
    size_t env_len = p->head_len - table_len;
    assert_memory_equal(bank, p->artifact, env_len);
    assert_memory_equal(bank + FERRY_TABLE_OFF, p->artifact + env_len, table_len);
    bench_close(&b);
}
