/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the registers are shared and what the flash of this part is like. Does not
 * know who boots, why, or what an update is. */
#include "chip.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "layout.h"

#define REGISTERS "ram"
#define FLASH "flash"
#define DYING_TRIES 500U /* 10 ms each */
#define LINE_MAX_LEN 400U

/* ---- registers and time ---------------------------------------------------------- */

int chip_open(struct chip *c, bool create)
{
    memset(c, 0, sizeof *c);
    int fd = open(REGISTERS, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);

    if (fd < 0) {
        return -1;
    }
    if (create && ftruncate(fd, (off_t)sizeof *c->reg) != 0) {
        close(fd);
        return -1;
    }
    void *at = mmap(NULL, sizeof *c->reg, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED) {
        return -1;
    }
    c->reg = at;
    ferry_clock_init(&c->clock, c->reg->speed);
    return 0;
}

uint32_t chip_now(struct chip *c)
{
    uint32_t skipped = atomic_load(&c->reg->skipped_ms);

    if (skipped != c->skipped_ms) {
        ferry_clock_set(&c->clock,
                        ferry_clock_now(&c->clock) + (skipped - c->skipped_ms));
        c->skipped_ms = skipped;
    }
    return ferry_clock_now(&c->clock);
}

/* A line that cannot be said is lost; nobody here lives by what is said. */
void chip_say(struct chip *c, const char *who, const char *format, ...)
{
    char line[LINE_MAX_LEN];
    va_list args;
    uint32_t now = chip_now(c);

    int n = snprintf(line, sizeof line, "%u.%03u %s ", (unsigned)(now / 1000U),
                     (unsigned)(now % 1000U), who);
    va_start(args, format);
    n += vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    va_end(args);
    size_t len = (size_t)n < sizeof line - 2 ? (size_t)n : sizeof line - 2;
    line[len] = '\n';
    ssize_t written = write(STDOUT_FILENO, line, len + 1);
    (void)written;
}

/* ---- flash ----------------------------------------------------------------------- */

/* The battery falls out: the board and all that runs on it, now. */
static void blow(struct chip *c, enum ferry_flash_file_op op, uint32_t addr)
{
    static const char *const moments[] = {"before", "halfway", "after"};

    chip_say(c, "flash", "fuse op=%s moment=%s addr=0x%05x",
             op == FERRY_FLASH_FILE_ERASE ? "erase" : "write",
             moments[c->reg->fuse.moment], (unsigned)addr);
    kill(getppid(), SIGKILL);
    raise(SIGKILL);
}

static int instruments(void *ctx, enum ferry_flash_file_op op,
                       enum ferry_flash_file_moment moment, uint32_t addr, uint32_t len)
{
    struct chip *c = ctx;
    struct chip_fuse *fuse = &c->reg->fuse;

    (void)len;
    if (addr >= fuse->from && addr < fuse->to && (uint32_t)moment == fuse->moment &&
        atomic_load(&fuse->in) > 0 && atomic_fetch_sub(&fuse->in, 1) == 1) {
        blow(c, op, addr);
    }
    if (moment == FERRY_FLASH_FILE_AFTER) {
        atomic_fetch_add(
            op == FERRY_FLASH_FILE_ERASE ? &c->reg->erases : &c->reg->writes, 1);
    }
    return 0;
}

static void refused(void *ctx, uint32_t addr, const char *rule)
{
    struct chip *c = ctx;

    atomic_fetch_add(&c->reg->rules, 1);
    chip_say(c, "flash", "refused addr=0x%05x rule=\"%s\"", (unsigned)addr, rule);
}

/* What is locked is written down, so that who opens the flash next in this life of the
 * chip finds it locked: registers do not care who runs. */
static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    struct chip *c = (struct chip *)(void *)((char *)ctx - offsetof(struct chip, file));
    struct chip_registers *reg = c->reg;

    if (reg->locks == CHIP_LOCKS ||
        ferry_flash_file_hal(&c->file).lock(&c->file, addr, len) != 0) {
        return FERRY_E_FLASH;
    }
    reg->lock[reg->locks] = (struct ferry_area){addr, len};
    reg->locks++;
    return 0;
}

static int open_file(struct chip *c)
{
    static const struct ferry_flash_geometry geometry = {
        LAYOUT_FLASH_SIZE, LAYOUT_ERASE_UNIT, LAYOUT_WRITE_UNIT, LAYOUT_ERASED};
    static const struct timespec pause = {0, 10000000};
    int err = FERRY_E_FLASH;

    for (unsigned i = 0; i < DYING_TRIES && err != 0; i++) {
        err = ferry_flash_file_open(&c->file, FLASH, &geometry, false);
        if (err != 0 && (strstr(c->file.why, "another process") == NULL ||
                         nanosleep(&pause, NULL) != 0)) {
            break;
        }
    }
    if (err != 0) {
        fprintf(stderr, "flash: %s\n", c->file.why);
    }
    return err != 0 ? -1 : 0;
}

int chip_open_flash(struct chip *c)
{
    if (open_file(c) != 0) {
        return -1;
    }
    c->file.ctx = c;
    c->file.hook = instruments;
    c->file.refused = refused;
    c->file.pass = ferry_clock_pass;
    c->file.pass_ctx = &c->clock;
    c->file.erase_ms = LAYOUT_ERASE_MS;
    c->file.word_us = LAYOUT_WORD_US;
    c->flash = ferry_flash_file_hal(&c->file);
    c->flash.lock = lock;
    for (uint32_t i = 0; i < c->reg->locks && i < CHIP_LOCKS; i++) {
        const struct ferry_area *a = &c->reg->lock[i];
        if (ferry_flash_file_hal(&c->file).lock(&c->file, a->addr, a->len) != 0) {
            return -1;
        }
    }
    return 0;
}

int chip_identity(struct chip *c, uint8_t block[FERRY_IDENTITY_LEN],
                  struct ferry_identity *id, struct ferry_map *map)
{
    if (c->flash.read(c->flash.ctx, LAYOUT_IDENTITY, block, FERRY_IDENTITY_LEN) != 0 ||
        ferry_identity_open(id, map, block) != 0) {
        fprintf(stderr,
                "flash: there is no identity block: was it made at a factory?\n");
        return -1;
    }
    return 0;
}
