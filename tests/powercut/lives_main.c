/* SPDX-License-Identifier: Apache-2.0
 *
 * The command behind run.py that lets devices of full size lose their supply again and
 * again, at random operations of their lives, the starts after a cut included. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge.h"
#include "rng.h"

#define STAGE_CUTS 4000U /* a stage that is cut more often than that is stuck */
#define IMAGE_ODDS 60U   /* one in so many operations is cut, while an image comes */
#define OTHER_ODDS 9U    /* and elsewhere */

static struct life life, scratch;
static struct tally tally;
static struct {
    uint32_t number;
    uint64_t seed, rng;
    /* the cut that has just been made */
    struct allowed may;
    struct promise said;
    bool decided; /* a start since then is over */
    uint32_t cuts;
    double until; /* tally_seconds(); 0: for ever */
} now;

static bool late(void)
{
    return now.until > 0 && tally_seconds() > now.until;
}

static const char *replay(void)
{
    static char words[48];

    snprintf(words, sizeof words, "life %u.%llu", (unsigned)now.number,
             (unsigned long long)now.seed);
    return words;
}

static void on_abort(int signal)
{
    (void)signal;
    tally_wrong(&tally, WRONG_BOOT, "a rule of flash was broken", replay());
    _exit(3);
}

static void plan_life(struct plan *p)
{
    static const uint8_t units[] = {4, 4, 8, 1, 16};

    memset(p, 0, sizeof *p);
    p->bank_len = 64U * 1024U;
    p->erase_unit = 4096;
    p->image_len = 16384 + 4 * rng_below(&now.rng, 8192);
    p->chunk = rng_below(&now.rng, 4) == 0 ? 256 : 128;
    p->pool_chunks = 16;
    p->write_unit = units[rng_below(&now.rng, 5)];
    p->erased = rng_below(&now.rng, 5) == 0 ? 0x00 : 0xFF;
    p->mode = (enum sim_flash_mode)rng_below(&now.rng, 3);
    p->boot_age = (uint8_t)rng_below(&now.rng, 44);
    p->app_age = (uint8_t)rng_below(&now.rng, 44);
}

/* ---- cuts ------------------------------------------------------------------------ */

/* Is this operation the next to be cut? Then what may come of it is found out first. */
static void at_operation(void *ctx, const struct sim_op *op)
{
    struct life *l = ctx;
    enum phase phase = life_phase(l, op);
    uint32_t odds = phase == PHASE_IMAGE ? IMAGE_ODDS : OTHER_ODDS;

    if (rng_below(&now.rng, odds) != 0) {
        return;
    }
    if (now.decided) {
        now.may = judge_ends(l, op, &scratch, &tally);
        now.said = life_promise(l);
    } else if (now.may.failures_left > 0) {
        now.may.failures_left--;
    }
    now.decided = false;
    now.cuts++;
    enum sim_cut how = (enum sim_cut)rng_below(&now.rng, SIM_CUTS);
    tally.cuts[phase][how]++;
    sim_flash_cut(&l->w.flash, 0, how);
    tally_tell("lives", &tally, false);
}

static struct verdict verdict;

static void starts(void *ctx)
{
    verdict = judge_starts(ctx, &now.may, &now.said, &now.decided, &tally);
}

static void go_on(void *ctx)
{
    verdict = judge_end(ctx, &now.said, &tally);
}

/* Whatever was cut: starts until one of them is not, then on. False: wrong. */
static bool live_stage(struct life *l)
{
    struct sim_flash *f = &l->w.flash;

    now.cuts = 0;
    verdict.what = NULL;
    while (now.cuts < STAGE_CUTS && !late()) {
        if (sim_flash_hold(f, go_on, l)) {
            break;
        }
        do {
            life_dark(l);
        } while (!sim_flash_hold(f, starts, l) && now.cuts < STAGE_CUTS && !late());
        if (verdict.what != NULL) {
            break;
        }
    }
    if (now.cuts == STAGE_CUTS) {
        verdict = (struct verdict){"a stage does not come to its end", WRONG_BRICK};
    }
    if (verdict.what != NULL && !life_barred(l)) {
        tally_wrong(&tally, verdict.wrong, verdict.what, replay());
        return false;
    }
    return verdict.what == NULL && !late();
}

static void live(uint32_t number, uint64_t seed)
{
    struct plan p;

    now.number = number;
    now.seed = seed;
    now.rng = (seed ^ (uint64_t)number << 32) * 0x9E3779B97F4A7C15ULL + 1;
    plan_life(&p);
    goods_make(p.image_len, p.toy);
    life_new(&life, &p);
    life_new(&scratch, &p);
    sim_flash_seed(&life.w.flash, now.rng);
    (void)life_start(&life, FERRY_RESET_POWER);
    life_age(&life);
    now.decided = true;
    now.said = (struct promise){-1, false, -1, 0};
    life.w.flash.before = at_operation;
    life.w.flash.before_ctx = &life;
    for (unsigned s = STAGE_FIRST; s < STAGES; s++) {
        life.stage = (enum stage)s;
        if (!live_stage(&life)) {
            break;
        }
    }
    life.w.flash.before = NULL;
    tally.lives++;
}

int main(int argc, char **argv)
{
    unsigned number;
    unsigned long long seed;

    if (sodium_init() < 0) {
        return 2;
    }
    signal(SIGABRT, on_abort);
    (void)tally_seconds();
    if (argc == 3 && strcmp(argv[1], "replay") == 0 &&
        sscanf(argv[2], "%u.%llu", &number, &seed) == 2) {
        judge_tells = true;
        live(number, seed);
    } else if (argc == 3 && strcmp(argv[1], "few") == 0) {
        for (number = 0; number < (unsigned)atol(argv[2]); number++) {
            live(number, 1);
        }
    } else if (argc == 6 && strcmp(argv[1], "lives") == 0) {
        now.until = atof(argv[2]);
        uint32_t shares = (uint32_t)atol(argv[5]);
        seed = strtoull(argv[3], NULL, 10);
        for (number = (unsigned)atol(argv[4]); !late(); number += shares) {
            live(number, seed);
        }
    } else {
        fprintf(stderr, "usage: powercut-lives lives SECONDS SEED SHARE SHARES\n"
                        "       powercut-lives few LIVES\n"
                        "       powercut-lives replay NUMBER.SEED\n");
        return 2;
    }
    tally_tell("lives", &tally, true);
    return tally.wrongs[0] + tally.wrongs[1] + tally.wrongs[2] > 0;
}
