/* SPDX-License-Identifier: Apache-2.0
 *
 * The program that no update ever touches: ferry_boot() over the board's flash, then the
 * jump. What runs is a sealed copy of the chosen bank's image, verified as a copy. Knows
 * this port's registers; every decision is the engine's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chip.h"
#include "crypto_sodium.h"
#include "layout.h"
#include "sealed.h"

#define WATCHDOG_MS 30000U /* virtual */

struct bootloader {
    struct chip chip;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    uint8_t block[FERRY_IDENTITY_LEN];
    struct ferry_identity id;
    struct ferry_map map;
};

/* ---- what the engine asks of the port -------------------------------------------- */

static void feed(void *ctx)
{
    struct bootloader *b = ctx;
    atomic_fetch_add(&b->chip.reg->dog_fed, 1);
}

static int arm(void *ctx)
{
    struct bootloader *b = ctx;

    feed(ctx);
    atomic_store(&b->chip.reg->dog_ms, WATCHDOG_MS);
    return 0;
}

static const char *reset_name(uint8_t reset)
{
    static const char *const names[] = {"?",    "power", "fault",
                                        "soft", "wake",  "planned"};
    return names[reset <= FERRY_RESET_PLANNED ? reset : 0];
}

/* Returns the bank, or a negative enum ferry_err. */
static int decide(struct bootloader *b, enum ferry_reset reset)
{
    static _Alignas(4) uint8_t room[FERRY_BOOT_ROOM];
    static const struct ferry_area locks[] = {{LAYOUT_IDENTITY, LAYOUT_ERASE_UNIT}};
    struct chip_registers *reg = b->chip.reg;
    struct ferry_handoff *h = &reg->handoff;
    const struct ferry_boot_config cfg = {
        .identity = &b->id,
        .map = &b->map,
        .flash = &b->chip.flash,
        .crypto = &b->crypto,
        .handoff = h,
        .room = room,
        .locks = locks,
        .locks_len = 1,
        .alive = feed,
        .arm_watchdog = arm,
        .ctx = b,
    };

    int bank = ferry_boot(&cfg, reset, reg->raw_cause);
    if (bank < 0) {
        return bank;
    }
    chip_say(&b->chip, "boot",
             "bank=%d reset=%s attempts=%u trial=%d no_fallback=%d crash_loop=%d "
             "open=%d unwritten=%d",
             bank, reset_name(h->reset), h->attempts,
             (h->flags & FERRY_HANDOFF_TRIAL) != 0,
             (h->flags & FERRY_HANDOFF_NO_FALLBACK) != 0,
             (h->flags & FERRY_HANDOFF_CRASH_LOOP) != 0,
             (h->flags & FERRY_HANDOFF_OPEN) != 0,
             (h->flags & FERRY_HANDOFF_UNWRITTEN) != 0);
    return bank;
}

/* ---- the jump -------------------------------------------------------------------- */

/* Is the bank's envelope genuine, and its image one for this bank? */
static int look_at(struct bootloader *b, unsigned bank, uint8_t *env,
                   struct ferry_manifest *m)
{
    const struct ferry_flash *flash = &b->chip.flash;
    const struct ferry_area *area = &b->map.bank[bank];

    if (flash->read(flash->ctx, area->addr, env, FERRY_ENVELOPE_MAX) != 0) {
        return FERRY_E_FLASH;
    }
    int err = sealed_envelope(&b->id, &b->crypto, env, m);
    if (err == 0 && m->link != b->map.link[bank]) {
        err = FERRY_E_LINK;
    }
    if (err == 0 && m->length > area->len - b->map.header_len) {
        err = FERRY_E_SIZE;
    }
    return err;
}

/* Returns only if the image may not run: why. */
static int jump(struct bootloader *b, unsigned bank, bool on_disk)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    struct ferry_manifest m;
    char name[] = "image";
    char *argv[] = {name, NULL};

    int err = look_at(b, bank, room + FERRY_TBS_SPARE, &m);
    if (err != 0) {
        return err;
    }
    int fd = sealed_copy(&b->chip.flash, b->map.bank[bank].addr + b->map.header_len,
                         m.length, on_disk);
    if (fd < 0) {
        fprintf(stderr, "bootloader: no copy of the image: %s\n", strerror(errno));
        return FERRY_E_FLASH;
    }
    err = sealed_holds(fd, &b->crypto, &m);
    if (err != 0) {
        close(fd);
        return err;
    }
    atomic_store(&b->chip.reg->runs, bank + 1);
    sealed_run(fd, argv);
    /* Signed, but no program: a chip that jumps into that faults. */
    fprintf(stderr, "bootloader: the image does not start: %s\n", strerror(errno));
    abort();
}

/* Returns why nothing runs. */
static int boot(struct bootloader *b, enum ferry_reset reset, bool on_disk)
{
    int bank = decide(b, reset);

    return bank < 0 ? bank : jump(b, (unsigned)bank, on_disk);
}

/* The engine need not check a signature again that it has checked once. This port does,
 * and if it holds no more, the engine has to hear of it: without a lock it doubts every
 * signature. The second question counts no reset. */
static int doubt(struct bootloader *b, bool on_disk)
{
    b->chip.reg->locks = 0;
    ferry_flash_file_close(&b->chip.file);
    if (chip_open_flash(&b->chip) != 0) {
        return FERRY_E_FLASH;
    }
    b->chip.flash.lock = NULL;
    return boot(b, FERRY_RESET_WAKE, on_disk);
}

int main(int argc, char **argv)
{
    static struct bootloader b;
    bool on_disk = argc == 2 && strcmp(argv[1], "--on-disk") == 0;

    if (argc > 2 || (argc == 2 && !on_disk)) {
        fprintf(stderr, "bootloader: is started by the board\n");
        return CHIP_BROKEN;
    }
    if (sodium_init() < 0 || chip_open(&b.chip, false) != 0) {
        fprintf(stderr, "bootloader: the chip's registers: %s\n", strerror(errno));
        return CHIP_BROKEN;
    }
    if (chip_open_flash(&b.chip) != 0 ||
        chip_identity(&b.chip, b.block, &b.id, &b.map) != 0) {
        return CHIP_BROKEN;
    }
    b.crypto = ferry_sodium_crypto(&b.sodium);
    int err = boot(&b, (enum ferry_reset)b.chip.reg->reset, on_disk);
    if (b.chip.reg->handoff.halt == 0) {
        chip_say(&b.chip, "boot", "gate=%s", ferry_errname(err));
        err = doubt(&b, on_disk);
    }
    b.chip.reg->handoff.halt = (uint8_t)-err;
    chip_say(&b.chip, "boot", "halt=%s", ferry_errname(err));
    return CHIP_HALT;
}
