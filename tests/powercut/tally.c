/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to write it down. Does not know what a cut is. */
#define _POSIX_C_SOURCE 200809L

#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const char *const wrong_names[WRONGS] = {"bricks", "wrong_boots", "lost_acks"};

double tally_seconds(void)
{
    static struct timespec begun;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (begun.tv_sec == 0) {
        begun = now;
    }
    return (double)(now.tv_sec - begun.tv_sec) +
           (double)(now.tv_nsec - begun.tv_nsec) / 1e9;
}

static void tell_phases(const struct tally *t)
{
    for (unsigned p = 0; p < PHASES; p++) {
        printf("%s\"%s\": [", p > 0 ? ", " : "", phase_name((enum phase)p));
        for (unsigned k = 0; k < SIM_CUTS; k++) {
            printf("%s%" PRIu64, k > 0 ? ", " : "", t->cuts[p][k]);
        }
        printf("]");
    }
}

void tally_tell(const char *name, const struct tally *t, bool now)
{
    static double told;

    if (!now && tally_seconds() - told < 1.0) {
        return;
    }
    told = tally_seconds();
    printf("{\"run\": \"%s\", \"seconds\": %.2f, \"second\": %" PRIu64
           ", \"starts\": %" PRIu64 ", \"lives\": %" PRIu64 ", \"done\": %" PRIu64
           ", \"of\": %" PRIu64 ", ",
           name, told, t->second, t->starts, t->lives, t->done, t->of);
    for (unsigned i = 0; i < WRONGS; i++) {
        printf("\"%s\": %" PRIu64 ", ", wrong_names[i], t->wrongs[i]);
    }
    printf("\"cuts\": {");
    tell_phases(t);
    printf("}}\n");
    fflush(stdout);
}

void tally_wrong(struct tally *t, enum wrong wrong, const char *what,
                 const char *replay)
{
    t->wrongs[wrong]++;
    printf("{\"wrong\": \"%s\", \"what\": \"%s\", \"replay\": \"%s\"}\n",
           wrong_names[wrong], what, replay);
    fflush(stdout);
}
