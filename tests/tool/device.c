/* SPDX-License-Identifier: Apache-2.0
 *
 * A device in a process, for the tests of the tool: the flat image that `ferry factory`
 * made is its flash, the bootloader, the application's journal and the session are the
 * engine's, a socket or a pty is its radio. Says on standard output what happens.
 *
 * usage: device KEY=VALUE...; the table below has the keys. */
#define _GNU_SOURCE 1 /* memmem */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto_sodium.h"
#include "ferry/app_journal.h"
#include "ferry/device.h"
#include "pump.h"

#define CHUNK 128U
#define SLOTS 16U

enum option {
    IMAGE,    /* the flash, a file; changed in place */
    IDENTITY, /* address of the identity block; the flash begins at 0 */
    UNIT,     /* erase unit */
    SEED,     /* of its own key, hexadecimal; without: no statements */
    SOCKET,   /* listen there; or */
    PTY,      /* write the slave's name into this file */
    CLOCK,    /* runs so many times as fast */
    SLOW,     /* microseconds that each write takes */
    HANGUP,   /* close the link once, after so many values */
    LATER,    /* answer so many offers with later, */
    SECONDS,  /* for so many seconds, */
    WHY,      /* for this reason, */
    DETAIL,   /* with this detail */
    WITHHOLD, /* 1: tell nobody what runs */
    MUTE,     /* 1: hear nothing, say nothing */
    REPLAY,   /* 1: its statements answer another question than was asked */
    OPTIONS
};
static const char *const names[OPTIONS] = {
    "image",  "identity", "unit",    "seed", "socket", "pty",      "clock", "slow",
    "hangup", "later",    "seconds", "why",  "detail", "withhold", "mute",  "replay",
};
static const char *given[OPTIONS];

static uint32_t number(enum option o, uint32_t otherwise)
{
    return given[o] != NULL ? (uint32_t)strtoul(given[o], NULL, 0) : otherwise;
}

static void need(bool right, const char *what)
{
    if (!right) {
        fprintf(stderr, "device: %s\n", what);
        exit(2);
    }
}

static void read_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        unsigned o = 0;
        need(value != NULL, "an argument is KEY=VALUE");
        *value++ = '\0';
        while (o < OPTIONS && strcmp(names[o], argv[i]) != 0) {
            o++;
        }
        need(o < OPTIONS, "no such key");
        given[o] = value;
    }
    need(given[IMAGE] != NULL, "no image");
}

/* ---- flash ----------------------------------------------------------------------- */

static uint8_t *flash_bytes;
static uint32_t flash_len, erase_unit;
static struct ferry_clock device_clock;

static int flash_erase(void *ctx, uint32_t addr)
{
    (void)ctx;
    need(addr % erase_unit == 0 && addr < flash_len, "erases outside");
    memset(flash_bytes + addr, 0xFF, erase_unit);
    return 0;
}

static int flash_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    (void)ctx;
    need(addr % 4 == 0 && len % 4 == 0 && addr + len <= flash_len, "writes outside");
    for (uint32_t i = 0; i < len; i++) {
        need(flash_bytes[addr + i] == 0xFF, "writes twice");
    }
    memcpy(flash_bytes + addr, buf, len);
    ferry_clock_pass(&device_clock, number(SLOW, 0) * device_clock.factor);
    return 0;
}

static int flash_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    need(addr + len <= flash_len, "reads outside");
    memcpy(buf, flash_bytes + addr, len);
    return 0;
}

static void open_flash(void)
{
    struct stat st;
    int fd = open(given[IMAGE], O_RDWR);

    need(fd >= 0 && fstat(fd, &st) == 0, "the image cannot be opened");
    flash_len = (uint32_t)st.st_size;
    erase_unit = number(UNIT, 4096);
    flash_bytes = mmap(NULL, flash_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    need(flash_bytes != MAP_FAILED, "the image cannot be mapped");
    close(fd);
}

/* ---- the application ------------------------------------------------------------- */

static uint8_t own_key[crypto_sign_SECRETKEYBYTES];
static uint32_t laters;
static bool reboot;

static int (*sign_truly)(void *ctx, const uint8_t *msg, size_t len, uint8_t sig[64]);

/* What is signed is the statement itself, in place: the nonce is a string of 16 bytes
 * under key 6. */
static int sign_another(void *ctx, const uint8_t *msg, size_t len, uint8_t sig[64])
{
    uint8_t *nonce = memmem((void *)(uintptr_t)msg, len, "\x06\x50", 2);

    need(nonce != NULL, "no nonce");
    nonce[2] ^= 1;
    return sign_truly(ctx, msg, len, sig);
}

static bool may_begin(void *ctx, const struct ferry_manifest *m,
                      struct ferry_later *later)
{
    (void)ctx;
    (void)m;
    if (laters == 0) {
        return true;
    }
    laters--;
    later->seconds = number(SECONDS, 60);
    later->why = (uint8_t)number(WHY, FERRY_LATER_IN_USE);
    later->detail = (uint8_t)number(DETAIL, 0);
    printf("later\n");
    return false;
}

static bool may_report(void *ctx)
{
    (void)ctx;
    return number(WITHHOLD, 0) == 0;
}

static void event(void *ctx, enum ferry_event ev, int err)
{
    (void)ctx;
    if (ev == FERRY_EVENT_BEGIN || ev == FERRY_EVENT_RESUME) {
        printf(ev == FERRY_EVENT_BEGIN ? "begin\n" : "resume\n");
    } else if (ev == FERRY_EVENT_COMMITTED) {
        printf("committed\n");
    } else if (ev == FERRY_EVENT_REFUSED) {
        printf("refused %s\n", ferry_errname(err));
    }
    reboot = reboot || ev == FERRY_EVENT_REBOOT;
}

/* ---- the link -------------------------------------------------------------------- */

static struct ferry_link radio;
static int listener = -1;

static void open_radio(void)
{
    char slave[FERRY_LINK_PATH_MAX];

    if (given[SOCKET] != NULL) {
        listener = ferry_link_listen(given[SOCKET]);
        need(listener >= 0, "the socket cannot be made");
        return;
    }
    need(given[PTY] != NULL && ferry_link_open_pty(&radio, slave) == 0, "no pty");
    FILE *f = fopen(given[PTY], "w");
    need(f != NULL && fputs(slave, f) >= 0 && fclose(f) == 0, "pty's name");
}

static void accept_courier(struct ferry_pump *pump)
{
    if (listener >= 0 && !ferry_link_up(&radio)) {
        ferry_link_close(&radio);
        if (ferry_link_accept(&radio, listener) == 0) {
            printf("connected\n");
            ferry_pump_link(pump, &radio);
        } else {
            ferry_clock_wait(&device_clock, 10 * device_clock.factor, listener, false);
        }
    }
}

/* Somebody carries the phone out of the room, once. */
static void walk_away(const struct ferry_pump *pump)
{
    static bool gone;
    uint32_t after = number(HANGUP, 0);

    if (!gone && after > 0 && pump->heard >= after) {
        gone = true;
        printf("hung up\n");
        ferry_link_close(&radio);
    }
}

/* ---- one life, from reset to reset ----------------------------------------------- */

static struct ferry_handoff handoff;
static uint32_t room[FERRY_BOOT_ROOM / 4], pool[SLOTS * FERRY_DEVICE_SLOT(CHUNK) / 4];

static void session(const struct ferry_device_config *cfg,
                    struct ferry_app_journal *journal)
{
    static struct ferry_device device;
    struct ferry_pump pump;

    need(ferry_device_config_check(cfg) == 0, "a configuration that cannot work");
    ferry_device_init(&device, cfg, ferry_clock_now(&device_clock));
    ferry_app_journal_selftest_passed(journal);
    ferry_pump_init(&pump, &device_clock, &radio, NULL);
    while (!reboot) {
        fflush(stdout);
        accept_courier(&pump);
        if (number(MUTE, 0) != 0) {
            ferry_clock_wait(&device_clock, 10, -1, false);
            continue;
        }
        ferry_pump_device(&pump, &device, 20 * device_clock.factor);
        walk_away(&pump);
    }
    /* The last word is out before the radio is off, if there is somebody to hear it. */
    for (int i = 0; i < 20 && ferry_link_up(&radio); i++) {
        ferry_pump_device(&pump, &device, 10 * device_clock.factor);
    }
}

static void live(enum ferry_reset reset)
{
    struct ferry_identity identity;
    struct ferry_map map;
    struct ferry_sodium sodium = {.secret = given[SEED] != NULL ? own_key : NULL};
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    struct ferry_flash flash = {.erase_unit = erase_unit,
                                .write_unit = 4,
                                .erased = 0xFF,
                                .erase = flash_erase,
                                .write = flash_write,
                                .read = flash_read};
    static struct ferry_app_journal journal;

    if (sodium.secret != NULL) {
        crypto.sign = ferry_sodium_sign;
    }
    if (number(REPLAY, 0) != 0) {
        sign_truly = crypto.sign;
        crypto.sign = sign_another;
    }
    need(ferry_identity_open(&identity, &map, flash_bytes + number(IDENTITY, 0)) == 0,
         "no identity block");
    struct ferry_boot_config boot = {.identity = &identity,
                                     .map = &map,
                                     .flash = &flash,
                                     .crypto = &crypto,
                                     .handoff = &handoff,
                                     .room = (uint8_t *)room,
                                     .arm_watchdog = FERRY_TRIAL_UNGUARDED};
    int bank = ferry_boot(&boot, reset, 0);
    printf("boot %d %s\n", bank, bank < 0 ? ferry_errname(bank) : "ok");
    need(bank >= 0, "nothing boots");
    struct ferry_app_journal_config said = {.identity = &identity,
                                            .map = &map,
                                            .flash = &flash,
                                            .crypto = &crypto,
                                            .handoff = &handoff};
    int err = ferry_app_journal_open(&journal, &said, (uint8_t *)room,
                                     ferry_clock_now(&device_clock));
    printf("runs %s, version %08x\n", ferry_errname(err),
           (unsigned)journal.state.version);
    struct ferry_commit commit = ferry_app_journal_commit(&journal);
    struct ferry_app app = {
        .may_begin = may_begin, .may_report = may_report, .event = event};
    struct ferry_device_config cfg = {.identity = &identity,
                                      .map = &map,
                                      .flash = &flash,
                                      .crypto = &crypto,
                                      .commit = &commit,
                                      .app = &app,
                                      .pool = (uint8_t *)pool,
                                      .pool_len = sizeof pool,
                                      .chunk = CHUNK,
                                      .session_seed = (uint16_t)randombytes_random()};
    session(&cfg, &journal);
}

int main(int argc, char **argv)
{
    size_t len;
    uint8_t seed[crypto_sign_SEEDBYTES], public[crypto_sign_PUBLICKEYBYTES];

    need(sodium_init() >= 0, "libsodium");
    read_options(argc, argv);
    ferry_clock_init(&device_clock, number(CLOCK, 1));
    laters = number(LATER, 0);
    if (given[SEED] != NULL) {
        need(sodium_hex2bin(seed, sizeof seed, given[SEED], strlen(given[SEED]), NULL,
                            &len, NULL) == 0,
             "the seed");
        crypto_sign_seed_keypair(public, own_key, seed);
    }
    open_flash();
    open_radio();
    for (enum ferry_reset reset = FERRY_RESET_POWER;; reset = FERRY_RESET_SOFT) {
        live(reset);
        reboot = false;
        ferry_handoff_planned(&handoff);
        ferry_link_close(&radio);
        if (given[PTY] != NULL) {
            open_radio();
        }
    }
}
