/* SPDX-License-Identifier: Apache-2.0
 *
 * The program: its arguments, and the order of things. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../args.h"
#include "../crew.h"
#include "report.h"

#define DEVICES 10000U
#define IMAGE_KIB 200U
#define IMAGE_KIB_MOST 240U /* of a bank of 256 KiB */
#define MOST 1000000U

struct wishes {
    bool json, no_resume;
    const char *pictures; /* a folder */
    unsigned devices, seed, image_kib, processes;
    unsigned device; /* only this one; 0: all of them */
};

static const char help[] =
    "usage: bench-field [--devices N] [--seed S] [--json] [--svg DIR] [--image KIB]\n"
    "                   [--jobs N]\n"
    "       bench-field --device K [--seed S] [--no-resume] [--image KIB]\n"
    "\n"
    "N devices (10000) in the field from the day a release is published, in virtual\n"
    "time: the real engine at both ends, bootloader and journals included. Phones are\n"
    "near four minutes a day in one to three visits, on one day in ten not at all; "
    "they\n"
    "differ in app, MTU, interval and packets an event; 1 % of values are lost, one "
    "by\n"
    "one or in bursts; batteries of phones and devices give out, in the middle of "
    "flash\n"
    "operations, too. Each device lives twice: with resume, and with its staging bank\n"
    "wiped at the beginning of each visit.\n"
    "\n"
    "  --json     one object instead of lines\n"
    "  --svg DIR  draw the share of devices that are updated, over days\n"
    "  --image    of the release, in KiB (200)\n"
    "  --jobs N   processes (one a processor)\n"
    "  --device   the life of one device, event by event\n"
    "\n"
    "Ends 1 if, with resume, a device is not updated within 30 days, or more than one "
    "in\n"
    "twenty of those with at most three interruptions and 1.5 % of values lost takes\n"
    "more than 1.15 times the image; or if, either way, a device is a brick or ends\n"
    "neither old nor new. 2 if it cannot run.\n";

static int misused(const char *what)
{
    fprintf(stderr, "bench-field: %s; see --help\n", what);
    return 2;
}

/* The number that an option wants; NULL: it wants none. */
static unsigned *number_of(struct wishes *w, const char *option, unsigned *most)
{
    const struct {
        const char *name;
        unsigned *n, most;
    } options[] = {{"--devices", &w->devices, MOST},
                   {"--seed", &w->seed, MOST},
                   {"--image", &w->image_kib, IMAGE_KIB_MOST},
                   {"--jobs", &w->processes, MOST},
                   {"--device", &w->device, MOST}};

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(option, options[i].name) == 0) {
            *most = options[i].most;
            return options[i].n;
        }
    }
    return NULL;
}

/* 0: go on; 1: the help was shown; 2: misused, and said so. */
static int listen(int argc, char **argv, struct wishes *w)
{
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        unsigned most = 0, *n = number_of(w, argv[i], &most);
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return 1;
        } else if (strcmp(argv[i], "--json") == 0) {
            w->json = true;
        } else if (strcmp(argv[i], "--no-resume") == 0) {
            w->no_resume = true;
        } else if (strcmp(argv[i], "--svg") == 0 && *next != '\0') {
            w->pictures = argv[++i];
        } else if (n != NULL && args_number(next, most, n)) {
            i++;
        } else {
            return misused(argv[i]);
        }
    }
    return 0;
}

/* ---- lives ----------------------------------------------------------------------- */

static struct life_wish now; /* the life at hand */
static unsigned image_kib;

/* A rule of flash was broken. */
static void on_abort(int signal)
{
    struct field f = {.seed = now.seed, .resume = now.resume, .image_kib = image_kib};

    (void)signal;
    fprintf(stderr, "bench-field: broken off in\n");
    judge_name(&f, now.number);
}

/* The first half of the jobs are lives with resume. */
static void live(void *ctx, size_t i, void *finding)
{
    const struct wishes *w = ctx;

    now = (struct life_wish){.seed = w->seed,
                             .number = (uint32_t)(i % w->devices) + 1,
                             .resume = i < w->devices};
    life_live(&now, finding);
}

/* Without a cursor it takes longer. */
static double effort(void *ctx, size_t i)
{
    const struct wishes *w = ctx;

    return i < w->devices ? 1 : 2.3;
}

static int live_one(const struct wishes *w)
{
    struct life_result r;

    now = (struct life_wish){
        .seed = w->seed, .number = w->device, .resume = !w->no_resume, .tells = true};
    life_live(&now, &r);
    report_life(&r);
    return r.brick || r.stray || (now.resume && r.days < 0);
}

static int live_all(struct wishes *w)
{
    size_t n = w->devices;
    struct life_result *r = calloc(2 * n, sizeof *r);
    struct crew_work work = {.who = "bench-field",
                             .ctx = w,
                             .n = 2 * n,
                             .work = live,
                             .effort = effort,
                             .findings = r,
                             .finding_len = sizeof *r};

    if (r == NULL || !crew_run(&work, w->processes)) {
        fprintf(stderr, "bench-field: a process did not do its work\n");
        free(r);
        return 2;
    }
    struct field with = {w->seed, true, r, n, image_kib};
    struct field without = {w->seed, false, r + n, n, image_kib};
    (w->json ? report_json : report_text)(&with, &without);
    unsigned misses = judge_field(&with) + judge_field(&without);
    bool drawn = w->pictures == NULL || report_picture(w->pictures, &with, &without);
    free(r);
    return !drawn ? 2 : misses > 0;
}

int main(int argc, char **argv)
{
    struct wishes w = {.devices = DEVICES,
                       .seed = 1,
                       .image_kib = IMAGE_KIB,
                       .processes = crew_processors()};
    int heard = listen(argc, argv, &w);

    if (heard != 0) {
        return heard == 1 ? 0 : heard;
    }
    if (sodium_init() < 0) {
        return misused("libsodium does not start");
    }
    signal(SIGABRT, on_abort);
    image_kib = w.image_kib;
    life_prepare(image_kib * 1024U);
    return w.device > 0 ? live_one(&w) : live_all(&w);
}
