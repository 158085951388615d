/* SPDX-License-Identifier: Apache-2.0
 *
 * The command behind run.py that sweeps lives on small devices. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"

#define VARIANTS_MIN 2U
#define VARIANTS_MAX 400U
#define AGES 3U /* a page of the smallest plan is full with so many records */

static struct tally tally;

/* The simulated flash ends the program where a rule is broken. */
static void on_abort(int signal)
{
    (void)signal;
    tally_wrong(&tally, WRONG_BOOT, "a rule of flash was broken", sweep_here());
    _exit(3);
}

/* Every phase gets as many cuts as the one with the most operations. */
static void balance(struct sweep *s, const uint32_t ops[PHASES])
{
    uint32_t most = 0;

    for (unsigned p = 0; p < PHASES; p++) {
        most = ops[p] > most ? ops[p] : most;
    }
    for (unsigned p = 0; p < PHASES; p++) {
        uint32_t n = VARIANTS_MIN * most / (ops[p] > 0 ? ops[p] : 1);
        s->variants[p] = n < VARIANTS_MAX ? n : VARIANTS_MAX;
    }
}

/* One plan after the other, as long as there is time. */
static void run_singles(double seconds, uint64_t seed, uint32_t share, uint32_t shares)
{
    struct sweep s;
    uint32_t ops[PHASES];

    for (uint32_t number = 1 + share; tally_seconds() < seconds; number += shares) {
        sweep_plan(&s, number, seed);
        s.until = seconds;
        if (!sweep_count(&s, ops)) {
            tally_wrong(&tally, WRONG_BRICK, "a life without a cut goes wrong",
                        "none: count");
            return;
        }
        balance(&s, ops);
        (void)sweep_run(&s, &tally);
    }
    tally_tell("sweep", &tally, true);
}

/* The smallest plan to its end; then, as long as there is time, the same with older
 * journals, so that other records stand where pages turn. */
static void run_pairs(double seconds, uint64_t seed, uint32_t share, uint32_t shares)
{
    struct sweep s;
    uint32_t ops[PHASES];

    for (uint32_t age = 0; age < AGES && tally_seconds() < seconds; age++) {
        sweep_plan(&s, age == 0 ? 0 : SWEEP_AGED + age, seed);
        (void)!sweep_count(&s, ops);
        for (unsigned p = 0; p < PHASES; p++) {
            s.pace += ops[p];
        }
        tally.of = age == 0 ? s.pace : tally.of;
        s.depth = 2;
        s.share = share;
        s.shares = shares;
        s.until = seconds;
        (void)sweep_run(&s, &tally);
    }
    tally_tell("pairs", &tally, true);
}

/* A few plans to their ends, each kind of cut once: what a test can wait for. */
static void run_plans(uint32_t from, uint32_t to)
{
    struct sweep s;

    for (uint32_t number = from; number <= to; number++) {
        sweep_plan(&s, number, 1);
        (void)sweep_run(&s, &tally);
    }
    tally_tell("plans", &tally, true);
}

static int replay(const char *what)
{
    struct sweep s;

    if (!sweep_parse(&s, what)) {
        fprintf(stderr, "powercut: '%s' is no cut (PLAN.SEED:OP.HOW.VARIANT[/...])\n",
                what);
        return 2;
    }
    judge_tells = true;
    (void)sweep_run(&s, &tally);
    tally_tell("replay", &tally, true);
    return 0;
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0) {
        return 2;
    }
    signal(SIGABRT, on_abort);
    (void)tally_seconds();
    int err = 0;
    if (argc == 3 && strcmp(argv[1], "replay") == 0) {
        err = replay(argv[2]);
    } else if (argc == 4 && strcmp(argv[1], "plans") == 0) {
        run_plans((uint32_t)atol(argv[2]), (uint32_t)atol(argv[3]));
    } else if (argc == 6) { /* pairs|singles SECONDS SEED SHARE SHARES */
        double seconds = atof(argv[2]);
        uint64_t seed = strtoull(argv[3], NULL, 10);
        uint32_t share = (uint32_t)atol(argv[4]), shares = (uint32_t)atol(argv[5]);
        (strcmp(argv[1], "pairs") == 0 ? run_pairs : run_singles)(seconds, seed, share,
                                                                  shares);
    } else {
        fprintf(stderr,
                "usage: powercut-sweep pairs|singles SECONDS SEED SHARE SHARES\n"
                "       powercut-sweep plans FROM TO\n"
                "       powercut-sweep replay CUT\n");
        return 2;
    }
    return err != 0 ? err : tally.wrongs[0] + tally.wrongs[1] + tally.wrongs[2] > 0;
}
