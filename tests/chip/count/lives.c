/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a device is used: which release goes where, when a courier comes, when the
 * chip is reset. Does not know what is measured meanwhile. */
#include "lives.h"

#include <string.h>

#include "marks.h"
#include "seams.h"

#define BANK_LEN (128U * 1024U)
#define IMAGE_MAX (64U * 1024U)
#define DAY_MS 86400000U
#define CUTS 3U
#define TRIAL_FAULTS 4U /* the fourth start is one too many */

static uint8_t image[IMAGE_MAX];
static uint8_t bytes[FERRY_ENVELOPE_MAX + 1024 + IMAGE_MAX];
static uint8_t factory_bytes[FERRY_ENVELOPE_MAX + 1024 + 4096];

/* ---- releases -------------------------------------------------------------------- */

/* Bytes without a pattern. One of sixteen is zero, as in Thumb code: zeros are what COBS
 * works for. */
static void fill_image(uint32_t len, uint32_t seed)
{
    uint32_t x = seed | 1U;

    for (uint32_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        image[i] = (uint8_t)(x % 16 == 0 ? 0 : x >> 8);
    }
}

static struct artifact_bytes release_for(uint32_t version, unsigned bank, uint32_t len,
                                         uint8_t signer, uint8_t *to)
{
    struct release r;

    release_default(&r);
    r.version = version;
    r.sec_ctr = 5;
    r.link = bank * 0x80000U + 0x1000U;
    r.signer = signer;
    fill_image(len, version);
    return (struct artifact_bytes){to, release_make(&r, image, len, to)};
}

/* ---- what the engine calls: it tells what is done once a block ------------------- */

static int erase(void *ctx, uint32_t addr)
{
    struct life *l = ctx;

    count_part_block();
    return l->erase(l->w.boot_hal.ctx, addr);
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    struct life *l = ctx;
    return l->w.boot_hal.write(l->w.boot_hal.ctx, addr, buf, len);
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct life *l = ctx;
    return l->w.boot_hal.read(l->w.boot_hal.ctx, addr, buf, len);
}

static struct life *at_work;

static void sha256_init(void *ctx)
{
    count_part_block();
    at_work->sha256_init(ctx);
}

static void told(void *ctx, enum ferry_event event, int err)
{
    struct ferry_device_progress p;

    ferry_device_progress(&at_work->w.device, &p);
    if (event == FERRY_EVENT_BEGIN) {
        count_phase_fill();
    } else if (event == FERRY_EVENT_BLOCK && p.verified == p.image_len) {
        count_phase_verify();
    } else if (event == FERRY_EVENT_COMMITTED) {
        count_phase_rest();
    }
    world_seam_event(ctx, event, err);
}

void life_begin(struct life *l, uint16_t mtu, uint16_t chunk, uint16_t pool_chunks)
{
    struct world_options o;

    world_defaults(&o);
    o.bank_len = BANK_LEN;
    o.mtu = mtu;
    o.per_event = 8;
    o.chunk = chunk;
    o.pool_chunks = pool_chunks;
    l->version = 0x01000000;
    o.factory = release_for(l->version, 0, 4096, 0, factory_bytes);
    at_work = l;
    world_init(&l->w, &o);
    l->erase = l->w.boot_hal.erase;
    l->sha256_init = l->w.crypto.sha256_init;
    l->w.flash_hal.ctx = l;
    l->w.flash_hal.erase = erase;
    l->w.flash_hal.write = write;
    l->w.flash_hal.read = read;
    l->w.flash_hal.power_ok = NULL;
    l->w.crypto.sha256_init = sha256_init;
    l->w.app.event = told;
}

/* ---- what happens ---------------------------------------------------------------- */

static bool offer(struct life *l, struct artifact_bytes a)
{
    world_disconnect(&l->w);
    world_courier(&l->w, &a, 1);
    world_connect(&l->w);
    bool done = world_finish(&l->w, DAY_MS);
    world_disconnect(&l->w);
    return done;
}

static struct artifact_bytes next(struct life *l, uint32_t len, uint8_t signer)
{
    l->version += 0x00010000;
    return release_for(l->version, world_staging(&l->w), len, signer, bytes);
}

bool life_carry(struct life *l, uint32_t image_len)
{
    struct artifact_bytes a = next(l, image_len, 0);
    unsigned bank = world_staging(&l->w);

    count_phase_offer();
    bool done = offer(l, a);
    count_phase_rest();
    world_run(&l->w, 5000);
    return done && l->w.reboot_wanted && board_holds(&l->w, bank, &a);
}

bool life_carry_with_cuts(struct life *l, uint32_t image_len)
{
    struct artifact_bytes a = next(l, image_len, 0);

    for (unsigned i = 0; i < CUTS; i++) {
        world_disconnect(&l->w);
        world_courier(&l->w, &a, 1);
        world_connect(&l->w);
        world_run(&l->w, 700);
        world_power_cut(&l->w);
    }
    bool resumed = l->w.events.resume > 0 && offer(l, a);
    world_run(&l->w, 5000);
    return resumed && l->w.reboot_wanted;
}

/* A courier that has nothing new, and asks for a statement: it gets through. */
bool life_report(struct life *l)
{
    static const uint8_t nonce[FERRY_NONCE_LEN] = {1, 2, 3};
    struct ferry_statement s;

    bool came = board_statement(&l->w, nonce, &s);
    world_run(&l->w, 1000);
    return came;
}

bool life_try(struct life *l)
{
    board_planned_reset(&l->w);
    bool on_trial = (l->w.board.handoff.flags & FERRY_HANDOFF_TRIAL) != 0;
    bool met = life_report(l);
    board_planned_reset(&l->w);
    return on_trial && met && l->w.board.booted >= 0 &&
           (l->w.board.handoff.flags & FERRY_HANDOFF_TRIAL) == 0;
}

bool life_refuse(struct life *l)
{
    uint32_t before = l->w.events.refused + l->w.events.security;
    bool forged = offer(l, next(l, 4096, 1));
    world_run(&l->w, 120000); /* bad signatures cost a pause */
    struct artifact_bytes old =
        release_for(0x00010000, world_staging(&l->w), 4096, 0, bytes);
    bool stale = offer(l, old);

    world_run(&l->w, 1000);
    return !forged && !stale &&
           l->w.events.refused + l->w.events.security == before + 2;
}

bool life_roll_back(struct life *l)
{
    int before = l->w.board.booted;

    board_planned_reset(&l->w);
    bool tried = l->w.board.booted != before;
    for (unsigned i = 0; i < TRIAL_FAULTS; i++) {
        board_start(&l->w, FERRY_RESET_FAULT);
    }
    return tried && l->w.board.booted == before;
}

bool life_fill_journals(struct life *l)
{
    struct ferry_app_record app = board_app_record(&l->w);
    struct ferry_boot_record boot = board_record(&l->w);

    return board_forge(&l->w, &app) && board_forge_boot(&l->w, &boot);
}

bool life_boot(struct life *l)
{
    int before = l->w.board.booted;

    board_start(&l->w, FERRY_RESET_WAKE);
    return l->w.board.booted == before && l->w.board.boot_writes == 0;
}

bool life_recover(struct life *l, uint32_t image_len)
{
    struct artifact_bytes nothing = {bytes, 0};

    board_place(&l->w, 0, &nothing);
    board_place(&l->w, 1, &nothing);
    board_boot(&l->w, FERRY_RESET_POWER);
    bool halted = l->w.board.booted < 0;
    board_recover(&l->w);
    bool came = offer(l, next(l, image_len, 0));
    world_run(&l->w, 5000);
    board_start(&l->w, FERRY_RESET_SOFT);
    return halted && came && l->w.board.booted >= 0;
}
