/* SPDX-License-Identifier: Apache-2.0
 *
 * A board on the bench: one chip and its battery, in a folder of its own. Starts the
 * bootloader, sees how whatever runs on the chip ends and makes a reset cause of it, and
 * plays the watchdog. Takes orders on standard input, one a line. Knows nothing of
 * images, updates or signatures. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chip.h"
#include "orders.h"

#define LOOK_MS 5           /* real; how often the chip is looked at */
#define LOOK_MOST_US 20000U /* what one look counts for, at most, on a busy machine */
#define DOG_LEAST_MS 2000U  /* real */
#define SPEED_DEFAULT 20U
#define STARTUP_MS 10U /* real; an image that dies at once shall not use up the host */

enum killer { NOBODY, WATCHDOG, BATTERY };

struct board {
    struct chip chip;
    char bootloader[4096];
    char *argv[3];
    pid_t child; /* 0: the chip does not run */
    enum killer killer;
    bool halted;
    uint32_t bites, batteries;
    uint32_t fed;     /* as last seen */
    uint64_t left_us; /* until the watchdog bites, real */
    uint64_t looked_us;
};

/* ---- the chip starts ------------------------------------------------------------- */

/* Dies with the board: a chip without its battery does not run on. */
static void become_chip(const struct board *b, pid_t board)
{
    static const struct timespec startup = {0, STARTUP_MS * 1000000L};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != board) {
        _exit(CHIP_BROKEN);
    }
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0) {
        dup2(nothing, STDIN_FILENO);
        close(nothing);
    }
    nanosleep(&startup, NULL);
    execv(b->bootloader, b->argv);
    fprintf(stderr, "board: %s: %s\n", b->bootloader, strerror(errno));
    _exit(CHIP_BROKEN);
}

static int start(struct board *b, enum ferry_reset reset, uint32_t raw_cause)
{
    struct chip_registers *reg = b->chip.reg;
    pid_t board = getpid();

    reg->reset = reset;
    reg->raw_cause = raw_cause;
    reg->locks = 0;
    reg->starts++;
    atomic_store(&reg->runs, 0);
    if (reset != FERRY_RESET_SOFT) { /* which a watchdog lives through */
        atomic_store(&reg->dog_ms, 0);
    }
    b->killer = NOBODY;
    b->halted = false;
    b->child = fork();
    if (b->child == 0) {
        become_chip(b, board);
    }
    if (b->child < 0) {
        fprintf(stderr, "board: fork: %s\n", strerror(errno));
        b->child = 0;
        return -1;
    }
    return 0;
}

/* What stood in RAM is gone, and what stands there now means nothing. */
static int power_on(struct board *b)
{
    struct ferry_handoff *h = &b->chip.reg->handoff;

    if (getrandom(h, sizeof *h, 0) != (ssize_t)sizeof *h) {
        fprintf(stderr, "board: no random numbers: %s\n", strerror(errno));
        return -1;
    }
    chip_say(&b->chip, "board", "power on");
    return start(b, FERRY_RESET_POWER, 0);
}

/* ---- the chip stops -------------------------------------------------------------- */

/* Why the next start happens. Nothing here asks the chip: a fault handler ends in a soft
 * reset, and whether that was planned is between image and bootloader. */
static enum ferry_reset classify(const struct board *b, int status)
{
    if (b->killer == BATTERY) {
        return FERRY_RESET_POWER;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        return FERRY_RESET_FAULT; /* the watchdog; or somebody pressed the reset pin */
    }
    return FERRY_RESET_SOFT;
}

static void say_end(struct board *b, int status)
{
    static const char *const killers[] = {"-", "watchdog", "battery"};

    chip_say(&b->chip, "board", "end %s=%d by=%s",
             WIFSIGNALED(status) ? "signal" : "exit",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
             killers[b->killer]);
}

/* 0: the board goes on. */
static int stopped(struct board *b, int status)
{
    bool boots = atomic_load(&b->chip.reg->runs) == 0 && b->killer == NOBODY;

    b->child = 0;
    if (boots && WIFEXITED(status) && WEXITSTATUS(status) == CHIP_HALT) {
        b->halted = true;
        chip_say(&b->chip, "board", "halted");
        return 0;
    }
    say_end(b, status);
    if (boots) {
        fprintf(stderr, "board: the bootloader itself failed\n");
        return -1;
    }
    enum ferry_reset reset = classify(b, status);
    return reset == FERRY_RESET_POWER ? power_on(b) : start(b, reset, (uint32_t)status);
}

static void pull(struct board *b, enum killer killer)
{
    if (b->child != 0) {
        b->killer = killer;
        kill(b->child, SIGKILL);
    }
}

/* ---- the watchdog ---------------------------------------------------------------- */

static uint64_t real_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000U + (uint64_t)t.tv_nsec / 1000U;
}

/* It counts only time in which this process was awake: on a machine too busy to run the
 * board, the image has had no time either. */
static void watch(struct board *b)
{
    struct chip_registers *reg = b->chip.reg;
    uint64_t now = real_us();
    uint64_t gone = now - b->looked_us;
    uint32_t ms = atomic_load(&reg->dog_ms);
    uint32_t fed = atomic_load(&reg->dog_fed);

    b->looked_us = now;
    if (ms == 0 || fed != b->fed || b->child == 0) {
        uint32_t real = ms / reg->speed;
        b->fed = fed;
        b->left_us = 1000U * (uint64_t)(real > DOG_LEAST_MS ? real : DOG_LEAST_MS);
        return;
    }
    gone = gone < LOOK_MOST_US ? gone : LOOK_MOST_US;
    if (gone < b->left_us) {
        b->left_us -= gone;
    } else if (b->killer == NOBODY) {
        b->bites++;
        chip_say(&b->chip, "board", "watchdog bites");
        pull(b, WATCHDOG);
    }
}

/* ---- orders ---------------------------------------------------------------------- */

static void say_status(struct board *b)
{
    const struct chip_registers *reg = b->chip.reg;

    chip_say(&b->chip, "board",
             "status starts=%u erases=%u writes=%u rules=%u bites=%u batteries=%u "
             "runs=%u halted=%d pid=%d",
             (unsigned)reg->starts, (unsigned)atomic_load(&reg->erases),
             (unsigned)atomic_load(&reg->writes), (unsigned)atomic_load(&reg->rules),
             (unsigned)b->bites, (unsigned)b->batteries,
             (unsigned)atomic_load(&reg->runs), b->halted, (int)b->child);
}

/* False: off. */
static bool obey(struct board *b, const struct order *o)
{
    struct chip_registers *reg = b->chip.reg;

    switch (o->what) {
    case ORDER_OFF:
        return false;
    case ORDER_BATTERY:
        b->batteries++;
        if (b->child == 0) {
            return power_on(b) == 0;
        }
        pull(b, BATTERY);
        break;
    case ORDER_SKIP:
        atomic_fetch_add(&reg->skipped_ms, o->ms);
        break;
    case ORDER_FUSE:
        atomic_store(&reg->fuse.in, 0);
        reg->fuse.from = o->from;
        reg->fuse.to = o->to;
        reg->fuse.moment = o->moment;
        atomic_store(&reg->fuse.in, o->in);
        break;
    case ORDER_LOSS:
        reg->loss_ppm = o->ppm;
        break;
    case ORDER_STATUS:
        break;
    case ORDER_UNKNOWN:
        chip_say(&b->chip, "board", "order unknown");
        return true;
    }
    say_status(b);
    return true;
}

static int live(struct board *b, struct orders *in)
{
    struct order o;
    int status;

    b->looked_us = real_us();
    for (;;) {
        struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&p, 1, LOOK_MS) > 0 && !orders_read(in, STDIN_FILENO)) {
            return 0;
        }
        while (orders_next(in, &o)) {
            if (!obey(b, &o)) {
                return 0;
            }
        }
        watch(b);
        if (b->child != 0 && waitpid(b->child, &status, WNOHANG) == b->child &&
            stopped(b, status) != 0) {
            return 1;
        }
    }
}

/* ---- the bench ------------------------------------------------------------------- */

static int usage(FILE *to)
{
    fprintf(to,
            "usage: board [--speed N] [--on-disk] FOLDER\n"
            "\n"
            "Powers the board whose flash is FOLDER/flash until standard input ends.\n"
            "  --speed N   virtual milliseconds in a real one, 1..1000 (default %u)\n"
            "  --on-disk   the bootloader runs images from a file, not from memory\n"
            "\n"
            "%s",
            SPEED_DEFAULT, orders_help);
    return to == stdout ? 0 : 2;
}

/* The bootloader lies beside this program. */
static int find_bootloader(struct board *b)
{
    static const char name[] = "bootloader";
    ssize_t n = readlink("/proc/self/exe", b->bootloader, sizeof b->bootloader - 1);

    while (n > 0 && b->bootloader[n - 1] != '/') {
        n--;
    }
    if (n <= 0 || (size_t)n + sizeof name > sizeof b->bootloader) {
        fprintf(stderr, "board: where is this program?\n");
        return -1;
    }
    memcpy(b->bootloader + n, name, sizeof name);
    b->argv[0] = b->bootloader;
    return 0;
}

static int parse(struct board *b, int argc, char **argv, uint32_t *speed,
                 const char **folder)
{
    *folder = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--speed") == 0 && i + 1 < argc) {
            char *end;
            unsigned long n = strtoul(argv[++i], &end, 10);
            if (n < 1 || n > 1000 || *end != '\0') {
                return -1;
            }
            *speed = (uint32_t)n;
        } else if (strcmp(argv[i], "--on-disk") == 0) {
            b->argv[1] = argv[i];
        } else if (argv[i][0] != '-' && *folder == NULL) {
            *folder = argv[i];
        } else {
            return -1;
        }
    }
    return *folder != NULL ? 0 : -1;
}

int main(int argc, char **argv)
{
    static struct board b;
    static struct orders in;
    uint32_t speed = SPEED_DEFAULT;
    const char *folder;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return usage(stdout);
    }
    if (parse(&b, argc, argv, &speed, &folder) != 0) {
        return usage(stderr);
    }
    if (find_bootloader(&b) != 0) {
        return 1;
    }
    if (chdir(folder) != 0 || chip_open(&b.chip, true) != 0) {
        fprintf(stderr, "board: %s: %s\n", folder, strerror(errno));
        return 1;
    }
    b.chip.reg->speed = speed;
    atomic_store(&b.chip.reg->fuse.in, 0);
    ferry_clock_init(&b.chip.clock, speed);
    if (power_on(&b) != 0) {
        return 1;
    }
    int code = live(&b, &in);
    if (b.child != 0) {
        kill(b.child, SIGKILL);
        waitpid(b.child, NULL, 0);
    }
    return code;
}
