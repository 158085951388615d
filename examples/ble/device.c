/* SPDX-License-Identifier: Apache-2.0
 *
 * A device behind a real Bluetooth stack: bootloader's decision, journals and session
 * over a flash file, its link in ports/ble, the stack in another process (wire.h). Its
 * images are carried and verified, and never executed: what boots is this program,
 * under another version. Kill it, and start it again: the battery fell out. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "ferry/app_journal.h"
#include "ferry_ble.h"
#include "flash_file.h"
#include "names.h"
#include "secret.h"
#include "wire.h"

#define IDENTITY 0x00000U /* device.map */
#define CHUNK 128U
#define CHUNKS 16U
#define SLOTS 3U     /* notifications the stack may hold */
#define ROOM 4096U   /* bytes heard and not yet handed over */
#define LOOK_MS 500U /* the longest wait */

struct board {
    const char *flash_path;
    struct wire wire;
    struct ferry_clock clock;
    struct ferry_handoff handoff; /* RAM that a reset leaves alone */
    /* and what it does not: */
    struct ferry_flash_file file;
    struct ferry_flash flash;
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
    uint32_t pool[CHUNKS * FERRY_DEVICE_SLOT(CHUNK) / 4U];
    struct ferry_ble_stack stack;
    struct ferry_ble ble;
    uint8_t room[ROOM];
    uint16_t conn, mtu; /* of the newest connection */
    bool subscribed;
    bool reboot;
};

static struct board b;

/* ---- what it says ---------------------------------------------------------------- */

static void say_version(const char *what)
{
    const struct ferry_boot_state *s = b.commit.state(b.commit.ctx);

    if (s == NULL) {
        fprintf(stderr, "device %s version=unknown\n", what);
        return;
    }
    fprintf(stderr, "device %s version=%u.%u.%u bank=%u trial=%d\n", what,
            (unsigned)(s->version >> 24), (unsigned)(s->version >> 16 & 0xFFU),
            (unsigned)(s->version & 0xFFFFU), s->active_bank, s->trial);
}

static void on_event(void *ctx, enum ferry_event event, int err)
{
    struct ferry_device_progress p;

    (void)ctx;
    ferry_device_progress(&b.device, &p);
    if (event != FERRY_EVENT_BLOCK) {
        fprintf(stderr, "device event=%s err=%s cursor=%u verified=%u\n",
                name_of_event(event), ferry_errname(err), (unsigned)p.cursor,
                (unsigned)p.verified);
    }
    b.reboot = b.reboot || event == FERRY_EVENT_REBOOT;
}

static void refused(void *ctx, uint32_t addr, const char *rule)
{
    (void)ctx;
    fprintf(stderr, "device flash=refused addr=0x%05x rule=\"%s\"\n", (unsigned)addr,
            rule);
}

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "device: %s: %s\n", what, why);
    return -1;
}

/* ---- the stack, at the other end of the wire ------------------------------------- */

static enum ferry_ble_taken notify(void *ctx, uint16_t conn, const uint8_t *bytes,
                                   uint16_t len)
{
    (void)ctx;
    if (!b.subscribed || conn != b.conn) {
        return FERRY_BLE_LOST;
    }
    wire_send(WIRE_VALUE, conn, bytes, len);
    return FERRY_BLE_TAKEN;
}

static uint16_t mtu(void *ctx, uint16_t conn)
{
    (void)ctx;
    return conn == b.conn ? b.mtu : 0;
}

static void hear(const struct wire_message *m)
{
    switch (m->kind) {
    case WIRE_UP:
        b.conn = m->conn;
        b.mtu = wire_number(m);
        b.subscribed = true;
        break;
    case WIRE_DOWN:
        b.subscribed = b.subscribed && m->conn != b.conn;
        ferry_ble_gone(&b.ble, m->conn);
        break;
    case WIRE_VALUE:
        ferry_ble_heard(&b.ble, m->conn, m->body, m->len);
        break;
    case WIRE_SENT:
        ferry_ble_sent(&b.ble, m->conn, m->len > 0 ? m->body[0] : 0);
        break;
    default:
        break;
    }
}

static void advertise(void)
{
    uint8_t both[FERRY_BLE_ADVERT_LEN + FERRY_BLE_RESPONSE_LEN];

    ferry_ble_advert(both);
    ferry_ble_response(both + FERRY_BLE_ADVERT_LEN, FERRY_BLE_HINT_LOOKS);
    wire_send(WIRE_ADVERT, 0, both, sizeof both);
}

/* ---- a start --------------------------------------------------------------------- */

static int open_flash(void)
{
    ferry_flash_file_close(&b.file); /* a reset: locks go */
    if (ferry_flash_file_open(&b.file, b.flash_path, NULL, false) != 0) {
        return fail(b.flash_path, b.file.why);
    }
    b.file.refused = refused;
    b.flash = ferry_flash_file_hal(&b.file);
    if (b.flash.read(b.flash.ctx, IDENTITY, b.block, sizeof b.block) != 0 ||
        ferry_identity_open(&b.id, &b.map, b.block) != 0) {
        return fail(b.flash_path, "has no identity block");
    }
    return 0;
}

static int boot(enum ferry_reset reset)
{
    static const struct ferry_area locks[] = {{IDENTITY, 4096}};
    const struct ferry_boot_config cfg = {
        .identity = &b.id,
        .map = &b.map,
        .flash = &b.flash,
        .crypto = &b.crypto,
        .handoff = &b.handoff,
        .room = (uint8_t *)b.pool,
        .locks = locks,
        .locks_len = 1,
        .arm_watchdog = FERRY_TRIAL_UNGUARDED,
    };

    int bank = ferry_boot(&cfg, reset, 0);
    return bank < 0 ? fail("nothing boots", ferry_errname(bank)) : 0;
}

static int open_session(uint32_t now)
{
    b.journal_cfg = (struct ferry_app_journal_config){
        .identity = &b.id,
        .map = &b.map,
        .flash = &b.flash,
        .crypto = &b.crypto,
        .handoff = &b.handoff,
        .confirm = FERRY_CONFIRM_LINK,
    };
    int err =
        ferry_app_journal_open(&b.journal, &b.journal_cfg, (uint8_t *)b.pool, now);
    if (err != 0) {
        return fail("journal", ferry_errname(err));
    }
    b.commit = ferry_app_journal_commit(&b.journal);
    b.app = (struct ferry_app){.event = on_event};
    b.device_cfg = (struct ferry_device_config){
        .identity = &b.id,
        .map = &b.map,
        .flash = &b.flash,
        .crypto = &b.crypto,
        .commit = &b.commit,
        .app = &b.app,
        .pool = (uint8_t *)b.pool,
        .pool_len = sizeof b.pool,
        .chunk = CHUNK,
        .session_seed = (uint16_t)randombytes_random(),
    };
    err = ferry_device_config_check(&b.device_cfg);
    ferry_device_init(&b.device, &b.device_cfg, now);
    b.stack = (struct ferry_ble_stack){NULL, notify, mtu};
    ferry_ble_init(&b.ble, &b.device, &b.stack, b.room, ROOM, SLOTS);
    return err == 0 ? 0 : fail("session", ferry_errname(err));
}

static int start(enum ferry_reset reset)
{
    uint32_t now = ferry_clock_now(&b.clock);

    b.reboot = false;
    if (open_flash() != 0 || boot(reset) != 0 || open_session(now) != 0) {
        return -1;
    }
    ferry_app_journal_selftest_passed(&b.journal); /* all of the above worked */
    say_version("up");
    advertise();
    return 0;
}

/* ---- life ------------------------------------------------------------------------ */

static void say_counts(void)
{
    const struct ferry_device_counts *n = &b.device.counts;

    fprintf(stderr,
            "device counts frames_bad=%u ignored=%u dropped=%u foreign=%u lost=%u\n",
            (unsigned)n->frames_bad, (unsigned)n->chunks_ignored,
            (unsigned)b.ble.dropped, (unsigned)b.ble.foreign, (unsigned)b.ble.lost);
}

/* Until it wants to be reset. False: the stack has gone, and with it the device. */
static bool serve(void)
{
    struct wire_message m;
    uint32_t wait = 0;

    while (wire_wait(&b.wire, wait < LOOK_MS ? wait : LOOK_MS)) {
        while (wire_next(&b.wire, &m)) {
            hear(&m);
        }
        wait = ferry_ble_run(&b.ble, ferry_clock_now(&b.clock));
        if (b.reboot) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: ble-device FLASH SEED\n"
                        "FLASH is what burn made, SEED the device's own key. A stack "
                        "starts this: device.mjs.\n");
        return 2;
    }
    b.flash_path = argv[1];
    if (sodium_init() < 0 || secret_load(&b.secret, argv[2]) != 0) {
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    b.crypto = secret_crypto(&b.secret);
    ferry_clock_init(&b.clock, 1);
    enum ferry_reset reset = FERRY_RESET_POWER;
    for (;;) {
        if (start(reset) != 0) {
            return 1;
        }
        if (!serve()) {
            say_counts();
            return 0;
        }
        say_counts();
        say_version("resets");
        wire_send(WIRE_HANG_UP, b.conn, NULL, 0);
        ferry_handoff_planned(&b.handoff);
        reset = FERRY_RESET_SOFT;
    }
}
