/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures what updates wear out: whole ones, from offer to confirm, one after the other
 * on one flash, each by the engine's two halves and its bootloader. Counts erases page by
 * page and programmed words; says how many updates a part's cycles are good for. */
#include <stdlib.h>

#include "clock.h"
#include "lifetime.h"

#define CYCLES 10000U /* erases a page stands, as an nRF52840's data sheet has it */
#define UPDATES_DEFAULT 20000U
#define TELL_S 2.0

struct bench {
    uint32_t updates;
    bool json;
    struct ferry_clock wall;
    double told;
};

static double seconds(struct bench *b)
{
    return ferry_clock_now(&b->wall) / 1000.0;
}

static void tell(struct bench *b, uint32_t done)
{
    double gone = seconds(b);

    if (gone - b->told < TELL_S) {
        return;
    }
    b->told = gone;
    unsigned left = (unsigned)(gone * (b->updates - done) / done);
    fprintf(stderr, "%u of %u updates, %.0f a second, %u:%02u left\n", (unsigned)done,
            (unsigned)b->updates, done / gone, left / 60, left % 60);
}

static struct world *measure(struct bench *b)
{
    static struct cargo cargo;
    struct world *w = lifetime_device();
    uint32_t words = lifetime_words(w);

    ferry_clock_init(&b->wall, 1);
    ferry_clock_set(&b->wall, 0);
    for (uint32_t n = 1; n <= b->updates; n++) {
        lifetime_release(w, &cargo, n);
        lifetime_update(w, &cargo);
        tell(b, n);
    }
    if (lifetime_words(w) < words) {
        fprintf(stderr, "bench-wear: the count of words has wrapped\n");
        exit(1);
    }
    return w;
}

/* ---- the report ------------------------------------------------------------------ */

/* Updates until the page with the most erases has had its cycles. */
static double good_for(const struct bench *b, const struct lifetime_wear *wear)
{
    return wear->most > 0 ? (double)CYCLES * b->updates / wear->most : 0;
}

static double each(const struct bench *b, uint32_t all)
{
    return (double)all / b->updates;
}

static void show(struct bench *b, const struct world *w)
{
    printf("%u updates of %u blocks of 4096 bytes, pages of %u bytes\n"
           "%-20s %6s %10s %10s %12s %16s\n",
           (unsigned)b->updates, LIFETIME_BLOCKS, LIFETIME_UNIT, "", "pages",
           "most/page", "mean/page", "per update", "10,000 are for");
    for (enum lifetime_area area = 0; area < LIFETIME_AREAS; area++) {
        struct lifetime_wear wear = lifetime_wear(w, area);
        printf("%-20s %6u %10u %10.1f %12.3f %8.0f updates\n", lifetime_area_name(area),
               (unsigned)wear.pages, (unsigned)wear.most,
               (double)wear.total / wear.pages, each(b, wear.total),
               good_for(b, &wear));
    }
    printf("an update: %.2f erases, %.0f programmed words\n",
           each(b, lifetime_erases(w)), each(b, lifetime_words(w)));
}

static void show_json(struct bench *b, const struct world *w)
{
    printf("{\"updates\": %u, \"blocks\": %u, \"erase_unit\": %u, \"seconds\": %.1f, "
           "\"erases_per_update\": %.3f, \"words_per_update\": %.1f, \"areas\": [",
           (unsigned)b->updates, LIFETIME_BLOCKS, LIFETIME_UNIT, seconds(b),
           each(b, lifetime_erases(w)), each(b, lifetime_words(w)));
    for (enum lifetime_area area = 0; area < LIFETIME_AREAS; area++) {
        struct lifetime_wear wear = lifetime_wear(w, area);
        printf("%s{\"name\": \"%s\", \"pages\": %u, \"most\": %u, \"mean\": %.2f, "
               "\"erases_per_update\": %.4f, \"updates_in_10000_cycles\": %.0f}",
               area > 0 ? ", " : "", lifetime_area_name(area), (unsigned)wear.pages,
               (unsigned)wear.most, (double)wear.total / wear.pages,
               each(b, wear.total), good_for(b, &wear));
    }
    printf("]}\n");
}

/* Each bank takes every second update. */
static int judge(const struct bench *b, const struct world *w)
{
    uint32_t bound = b->updates > 2 * CYCLES ? (b->updates + 1) / 2 : CYCLES;

    for (enum lifetime_area area = 0; area < LIFETIME_AREAS; area++) {
        uint32_t most = lifetime_wear(w, area).most;
        if (most > bound) {
            fprintf(stderr, "bench-wear: %s: a page was erased %u times, not %u\n",
                    lifetime_area_name(area), (unsigned)most, (unsigned)bound);
            return 1;
        }
    }
    return 0;
}

static int usage(FILE *to)
{
    fprintf(
        to,
        "usage: bench-wear [--updates N] [--json]\n"
        "\n"
        "Erases and programmed words of N whole updates (default %u) of one device.\n"
        "Exit code 1: a page was erased more often than %u times, or, past %u\n"
        "updates, than once in two updates.\n",
        UPDATES_DEFAULT, CYCLES, 2 * CYCLES);
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    struct bench b = {.updates = UPDATES_DEFAULT};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            b.json = true;
        } else if (strcmp(argv[i], "--help") == 0) {
            return usage(stdout);
        } else if (strcmp(argv[i], "--updates") == 0 && i + 1 < argc) {
            b.updates = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else {
            return usage(stderr);
        }
    }
    if (b.updates == 0 || b.updates > 1000000) {
        return usage(stderr);
    }
    const struct world *w = measure(&b);
    (b.json ? show_json : show)(&b, w);
    return judge(&b, w);
}
