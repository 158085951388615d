/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's application, as a product would write it around the engine: checks where
 * it runs, opens its journal, tests itself, serves updates over its radio, and resets
 * when it is asked to. Its flaws (image.h) are the demo's. */
#include "image.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chip.h"
#include "ferry/app_journal.h"
#include "ferry/device.h"
#include "layout.h"
#include "names.h"
#include "pump.h"
#include "secret.h"

#define RADIO "air" /* a socket in the board's folder */
#define CHUNK 128U
#define POOL_CHUNKS 16U
#define LOOK_MS 10U /* real; how long the loop may wait for the link */
#define HOUR_MS 3600000U
#define LATE_MS (72U * HOUR_MS)

/* Where the linker put this program, set by the linker itself. */
extern const char __ehdr_start[];

struct image {
    struct chip chip;
    struct secret secret;
    struct ferry_crypto crypto;
    uint8_t block[FERRY_IDENTITY_LEN];
    struct ferry_identity id;
    struct ferry_map map;

    struct ferry_app_journal_config journal_cfg;
    struct ferry_app_journal journal;
    struct ferry_commit commit;
    struct ferry_app app;
    struct ferry_device_config device_cfg;
    struct ferry_device device;
    _Alignas(4) uint8_t pool[POOL_CHUNKS * FERRY_DEVICE_SLOT(CHUNK)];

    int listener;
    struct ferry_link link;
    struct ferry_shaper shaper;
    struct ferry_pump pump;
    uint32_t started, asked; /* ms */
    bool reboot;
};

static struct image im;

/* ---- flaws ----------------------------------------------------------------------- */

static void crash(void)
{
    chip_say(&im.chip, "image", "crashes");
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

/* All that decides what boots; the chip has to refuse. */
static void go_mad(unsigned bank)
{
    const struct ferry_flash *flash = &im.chip.flash;
    const uint32_t precious[] = {LAYOUT_IDENTITY, im.map.boot_journal[0],
                                 im.map.boot_journal[1], im.map.bank[bank].addr,
                                 im.map.bank[bank].addr + im.map.header_len};
    unsigned erased = 0;

    for (unsigned i = 0; i < sizeof precious / sizeof *precious; i++) {
        erased += flash->erase(flash->ctx, precious[i]) == 0;
    }
    chip_say(&im.chip, "image", "went mad erased=%u", erased);
}

static void be_flawed(void)
{
    switch (image_flaw) {
    case IMAGE_MAD:
        go_mad(im.chip.reg->handoff.bank);
        break;
    case IMAGE_SOUND:
    case IMAGE_DEAF:
    case IMAGE_CRASHES_LATE:
        break;
    case IMAGE_CRASHES:
        crash();
        break;
    case IMAGE_HANGS:
        chip_say(&im.chip, "image", "hangs");
        for (;;) {
            pause();
        }
    }
}

/* ---- what the engine tells ------------------------------------------------------- */

static void on_event(void *ctx, enum ferry_event event, int err)
{
    struct ferry_device_progress p;

    (void)ctx;
    ferry_device_progress(&im.device, &p);
    if (event == FERRY_EVENT_BLOCK && p.verified < p.image_len) {
        return; /* the last one is worth a word */
    }
    chip_say(&im.chip, "image", "event=%s err=%s cursor=%u verified=%u",
             name_of_event(event), ferry_errname(err), (unsigned)p.cursor,
             (unsigned)p.verified);
    im.reboot = im.reboot || event == FERRY_EVENT_REBOOT;
}

/* A reset by wish: said in RAM, so that the bootloader does not take it for a crash. */
static void reset(void (*wish)(struct ferry_handoff *h), const char *why)
{
    struct ferry_device_counts *n = &im.device.counts;

    chip_say(&im.chip, "image",
             "reset why=%s frames_bad=%u ignored=%u refusals=%u security=%u", why,
             (unsigned)n->frames_bad, (unsigned)n->chunks_ignored,
             (unsigned)n->refusals, (unsigned)n->security_events);
    wish(&im.chip.reg->handoff);
    _exit(0);
}

/* ---- starting -------------------------------------------------------------------- */

static int fail(const char *what)
{
    chip_say(&im.chip, "image", "does not run: %s", what);
    return 1;
}

static void open_journal(void)
{
    static _Alignas(4) uint8_t room[FERRY_BOOT_ROOM];

    im.journal_cfg = (struct ferry_app_journal_config){
        .identity = &im.id,
        .map = &im.map,
        .flash = &im.chip.flash,
        .crypto = &im.crypto,
        .handoff = &im.chip.reg->handoff,
        .confirm = FERRY_CONFIRM_LINK,
    };
    int err = ferry_app_journal_open(&im.journal, &im.journal_cfg, room, im.started);
    im.commit = ferry_app_journal_commit(&im.journal);
    if (err != 0) { /* serves, and refuses offers until it is known what boots */
        chip_say(&im.chip, "image", "journal=%s", ferry_errname(err));
    }
}

static int open_session(void)
{
    im.app = (struct ferry_app){.event = on_event};
    im.device_cfg = (struct ferry_device_config){
        .identity = &im.id,
        .map = &im.map,
        .flash = &im.chip.flash,
        .crypto = &im.crypto,
        .commit = &im.commit,
        .app = &im.app,
        .pool = im.pool,
        .pool_len = sizeof im.pool,
        .chunk = CHUNK,
        .session_seed = (uint16_t)randombytes_random(),
    };
    int err = ferry_device_config_check(&im.device_cfg);
    ferry_device_init(&im.device, &im.device_cfg, chip_now(&im.chip));
    return err;
}

static int start(void)
{
    const struct ferry_handoff *h;

    if (sodium_init() < 0 || chip_open(&im.chip, false) != 0) {
        return 1;
    }
    h = &im.chip.reg->handoff;
    if (chip_open_flash(&im.chip) != 0 ||
        chip_identity(&im.chip, im.block, &im.id, &im.map) != 0) {
        return fail("flash");
    }
    if (h->magic != FERRY_HANDOFF_MAGIC || h->bank > 1) {
        return fail("no bootloader started it");
    }
    if ((uintptr_t)__ehdr_start != im.map.link[h->bank]) {
        return fail("it is linked for another bank");
    }
    im.started = im.asked = chip_now(&im.chip);
    chip_say(&im.chip, "image", "up version=%s bank=%u link=0x%08x trial=%d",
             image_version, h->bank, (unsigned)(uintptr_t)__ehdr_start,
             (h->flags & FERRY_HANDOFF_TRIAL) != 0);
    be_flawed();
    if (secret_load(&im.secret, "device.seed") != 0) {
        return fail("no key");
    }
    im.crypto = secret_crypto(&im.secret);
    open_journal();
    return open_session() == 0 ? 0 : fail("session");
}

/* ---- the radio ------------------------------------------------------------------- */

static int open_radio(void)
{
    const struct ferry_shaper_config air = {
        .interval_ms = 30,
        .mtu = 247, /* what fits the phone it says in HELLO */
        .per_event = 4,
        .catch_up = 4,
        .seed = randombytes_random(),
    };

    if (ferry_shaper_init(&im.shaper, &air, chip_now(&im.chip)) != 0) {
        return -1;
    }
    ferry_pump_init(&im.pump, &im.chip.clock, &im.link, &im.shaper);
    im.listener = image_flaw == IMAGE_DEAF ? -1 : ferry_link_listen(RADIO);
    return im.listener < 0 && image_flaw != IMAGE_DEAF ? -1 : 0;
}

/* One peer at a time. */
static void accept_peer(void)
{
    if (im.listener < 0 || ferry_link_up(&im.link)) {
        return;
    }
    ferry_link_close(&im.link);
    if (ferry_link_accept(&im.link, im.listener) == 0) {
        im.shaper.cfg.loss_ppm = im.chip.reg->loss_ppm;
        ferry_pump_link(&im.pump, &im.link);
    }
}

/* ---- life ------------------------------------------------------------------------ */

/* What a product's main loop asks now and then. */
static void look_around(void)
{
    uint32_t now = chip_now(&im.chip);

    atomic_fetch_add(&im.chip.reg->dog_fed, 1);
    if (image_flaw == IMAGE_CRASHES_LATE && now - im.started >= LATE_MS) {
        crash();
    }
    if (im.reboot) {
        reset(ferry_handoff_planned, "asked");
    }
    if (now - im.asked >= HOUR_MS) {
        im.asked = now;
        ferry_app_journal_healthy(&im.journal, now);
        if (ferry_app_journal_expired(&im.journal, now)) {
            reset(ferry_handoff_expired, "expired");
        }
    }
}

int main(void)
{
    if (start() != 0) {
        return 1;
    }
    if (open_radio() != 0) {
        return fail("radio");
    }
    ferry_app_journal_selftest_passed(&im.journal); /* all of the above worked */
    for (;;) {
        look_around();
        accept_peer();
        ferry_pump_device(&im.pump, &im.device, LOOK_MS * im.chip.reg->speed);
    }
}
