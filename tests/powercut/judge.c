/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the promises: old or new, the same at every start, nothing acked is lost, and an
 * update that was cut can be finished. Does not know where the cuts come from. */
#include "judge.h"

#include <stdio.h>

#define BOOTS 3U  /* more starts of the bootloader alone, after the first */
#define STARTS 2U /* and of bootloader and application */

bool judge_tells;

static void tell(const char *when, const struct answer *a)
{
    if (judge_tells) {
        fprintf(stderr, "  %s: bank %d, release %d%s\n", when, a->bank, a->release,
                a->trial ? ", on trial" : "");
    }
}

static const struct verdict well = {NULL, WRONG_BRICK};

static struct verdict wrong(enum wrong wrong, const char *what)
{
    return (struct verdict){what, wrong};
}

void judge_cut(struct life *to, const struct life *from, const struct sim_op *op,
               enum sim_cut how, uint64_t seed)
{
    life_continue(to, from);
    sim_flash_seed(&to->w.flash, seed);
    sim_flash_tear(&to->w.flash, op, how);
}

static struct answer ends_in(const struct life *from, const struct sim_op *op,
                             enum sim_cut how, struct life *scratch, struct tally *t)
{
    judge_cut(scratch, from, op, how, 1);
    t->starts++;
    return life_boot(scratch, FERRY_RESET_POWER);
}

struct allowed judge_ends(const struct life *from, const struct sim_op *op,
                          struct life *scratch, struct tally *t)
{
    struct allowed may;

    may.a = ends_in(from, op, SIM_CUT_BEFORE, scratch, t);
    uint8_t powers = board_record(&scratch->w).powers;
    may.b = ends_in(from, op, SIM_CUT_AFTER, scratch, t);
    uint8_t after = board_record(&scratch->w).powers;
    powers = after > powers ? after : powers;
    may.failures_left = (uint8_t)(FERRY_TRIAL_POWERS - powers);
    return may;
}

/* The starts that were cut again used up what power failures a trial may have. */
static bool worn_out(struct life *l, const struct answer *first,
                     const struct allowed *may)
{
    return may->failures_left == 0 && (may->a.trial || may->b.trial) && !first->trial &&
           board_record(&l->w).outcome == FERRY_OUTCOME_POWER;
}

/* Before any cut is made: are the two ends themselves what was promised? */
static struct verdict keeps(const struct answer *a, const struct promise *said)
{
    if (a->bank < 0) {
        return wrong(WRONG_BRICK, "nothing boots");
    }
    if (a->release < 0) {
        return wrong(WRONG_BOOT, "what boots is none of ours, or not whole");
    }
    if (said->release >= 0 && a->release != said->release) {
        return wrong(WRONG_ACK, "said to be committed, and does not boot");
    }
    if (said->release >= 0 && said->confirmed && a->trial) {
        return wrong(WRONG_ACK, "said to be confirmed, and is on trial");
    }
    return well;
}

struct verdict judge_starts(struct life *l, const struct allowed *may,
                            const struct promise *said, bool *decided, struct tally *t)
{
    struct answer first = life_boot(l, FERRY_RESET_POWER);
    struct verdict v = keeps(&first, said);

    *decided = true;
    tell("may be", &may->a);
    tell("or", &may->b);
    tell("first start", &first);
    t->starts += 1 + BOOTS + STARTS;
    if (v.what != NULL) {
        return v;
    }
    /* A first start that was cut leaves the factory image to be tried like any other. */
    bool either = first.release == 0 && l->stage == STAGE_FACTORY;
    either = either || worn_out(l, &first, may);
    if (!either && !life_same(&first, &may->a) && !life_same(&first, &may->b)) {
        return wrong(WRONG_BOOT, "neither the old state nor the new one");
    }
    for (unsigned i = 0; i < BOOTS + STARTS; i++) {
        struct answer again = i < BOOTS ? life_boot(l, FERRY_RESET_WAKE)
                                        : life_start(l, FERRY_RESET_WAKE);
        tell("later start", &again);
        if (!life_same(&first, &again)) {
            return wrong(WRONG_BOOT, "another answer at a later start");
        }
    }
    return well;
}

/* A transfer that was cut goes on at most one block before what was acked as verified; in
 * whole erase units. */
static bool resumes(const struct life *l, const struct promise *said)
{
    uint32_t unit = l->plan->erase_unit / FERRY_BLOCK_LEN;
    int32_t cost = unit > 1 ? (int32_t)(2 * unit) : 1;

    return said->transfer < 0 || l->resumed_of != said->transfer ||
           l->resumed >= (int32_t)said->blocks - cost;
}

struct verdict judge_end(struct life *l, const struct promise *said, struct tally *t)
{
    if (!life_finish_stage(l)) {
        return wrong(WRONG_BRICK, "the update cannot be brought to its end");
    }
    if (!resumes(l, said)) {
        return wrong(WRONG_ACK, "blocks that were acked are asked for again");
    }
    struct answer end = life_answer(l);
    tell("in the end", &end);
    struct answer again = life_start(l, FERRY_RESET_WAKE);
    t->starts++;
    return life_same(&end, &again) ? well
                                   : wrong(WRONG_BOOT, "another answer after the end");
}
