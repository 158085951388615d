/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows budgets, forgiveness, tombstones and the floor. Does not know flash, signatures
 * or why a chip was reset. */
#include "trial.h"

#include <string.h>

#include "bytes.h"
#include "records.h"

/* ---- reading a record ------------------------------------------------------------ */

unsigned ferry_trial_attempts(const struct ferry_boot_record *rec)
{
    unsigned spent = (unsigned)rec->faults + rec->expiries;

    if (!ferry_trial_runs(rec)) {
        return 0;
    }
    return spent < FERRY_TRIAL_FAULTS ? FERRY_TRIAL_FAULTS - spent : 1U;
}

/* ---- counting -------------------------------------------------------------------- */

/*@ requires \valid(count);
  @ terminates \true;
  @ assigns *count; */
static void up(uint8_t *count, uint8_t most)
{
    *count = (uint8_t)(*count + (*count < most));
}

/*@ terminates \true;
  @ assigns \nothing;
  @ ensures \result >= n; */
static uint16_t one_more(uint16_t n)
{
    return (uint16_t)(n + (n < UINT16_MAX));
}

/* Counts stop at their limit, so that a device that cannot go back stops writing. */
/*@ requires \valid(rec);
  @ terminates \true;
  @ assigns rec->faults, rec->powers, rec->expiries; */
static enum ferry_outcome count_in_trial(struct ferry_boot_record *rec, bool fault,
                                         bool power, bool expired)
{
    if (expired) {
        up(&rec->expiries, FERRY_TRIAL_FAULTS);
    } else if (fault) {
        up(&rec->faults, FERRY_TRIAL_FAULTS);
    } else if (power) {
        up(&rec->powers, FERRY_TRIAL_POWERS);
    }
    if (rec->faults >= FERRY_TRIAL_FAULTS) {
        return FERRY_OUTCOME_FAULTS;
    }
    if (rec->faults + rec->expiries >= (int)FERRY_TRIAL_FAULTS) {
        return FERRY_OUTCOME_EXPIRED;
    }
    return rec->powers >= FERRY_TRIAL_POWERS ? FERRY_OUTCOME_POWER : FERRY_OUTCOME_NONE;
}

enum ferry_outcome ferry_trial_count(struct ferry_boot_record *rec,
                                     enum ferry_reset reset, bool expired)
{
    bool fault = reset == FERRY_RESET_FAULT || reset == FERRY_RESET_SOFT;

    if (ferry_trial_runs(rec)) {
        return count_in_trial(rec, fault, reset == FERRY_RESET_POWER, expired);
    }
    if (!fault) {
        return FERRY_OUTCOME_NONE;
    }
    up(&rec->faults, UINT8_MAX);
    up(&rec->resets, UINT8_MAX);
    bool looped = (rec->flags & FERRY_BOOT_LOOPED) != 0;
    return !looped && rec->faults >= FERRY_CRASH_LOOP ? FERRY_OUTCOME_CRASH_LOOP
                                                      : FERRY_OUTCOME_NONE;
}

void ferry_trial_forgive(struct ferry_boot_record *rec,
                         const struct ferry_app_record *app)
{
    if (rec->healthy != app->healthy && !ferry_trial_runs(rec)) {
        rec->healthy = app->healthy;
        rec->faults = (uint8_t)(rec->faults - (rec->faults > 0));
    }
}

/* ---- changing what boots --------------------------------------------------------- */

uint32_t ferry_trial_floor(uint32_t floor, const struct ferry_image *image)
{
    uint32_t own = ferry_policy_rank(floor, image->slot, image->sec_ctr);
    return own > floor ? own : floor;
}

/* What the last update was. Returns are counted of one image. */
/*@ requires \valid(rec) && \valid_read(digest + (0 .. 7));
  @ requires \separated(rec->outcome_digest + (0 .. 7), digest + (0 .. 7));
  @ requires \separated(&rec->returns, digest + (0 .. 7));
  @ terminates \true;
  @ assigns rec->outcome, rec->outcome_version, rec->outcome_digest[0 .. 7],
  @   rec->returns; */
static void tell(struct ferry_boot_record *rec, enum ferry_outcome outcome,
                 const uint8_t *digest, uint32_t version)
{
    if (memcmp(rec->outcome_digest, digest, FERRY_DIGEST_TOLD) != 0) {
        memcpy(rec->outcome_digest, digest, FERRY_DIGEST_TOLD);
        rec->returns = 0;
    }
    rec->outcome = (uint8_t)outcome;
    rec->outcome_version = version;
}

void ferry_trial_refuse(struct ferry_boot_record *rec, const uint8_t *digest)
{
    tell(rec, FERRY_OUTCOME_REFUSED, digest, 0);
}

/* A new life: nothing is counted against it. `kept` of the flags stay. */
/*@ requires \valid(rec);
  @ terminates \true;
  @ assigns rec->flags, rec->faults, rec->powers, rec->expiries, rec->resets;
  @ ensures (rec->flags & 1) != 0 <==> (set & 1) != 0 ||
  @   ((kept & 1) != 0 && (\old(rec->flags) & 1) != 0); */
static void boots(struct ferry_boot_record *rec, unsigned kept, unsigned set)
{
    rec->flags = (uint8_t)((rec->flags & kept) | set);
    rec->faults = 0;
    rec->powers = 0;
    rec->expiries = 0;
    rec->resets = 0;
}

/* Never 0, which confirms nothing, and never what stands there already. */
void ferry_trial_renumber(struct ferry_boot_record *rec, uint32_t confirm)
{
    /*@ ghost int tries = 0; */
    /*@ ghost uint32_t last = 0; */
    /*@ loop invariant 0 <= tries <= 2;
      @ loop invariant tries > 0 ==> rec->trial == 0 || rec->trial == confirm;
      @ loop invariant tries > 1 ==> last == 0 || last == confirm;
      @ loop invariant tries == 0 ==> rec->trial == \at(rec->trial, Pre);
      @ loop invariant tries == 1 ==> rec->trial ==
      @   (\at(rec->trial, Pre) == UINT32_MAX ? 0 : \at(rec->trial, Pre) + 1);
      @ loop invariant tries == 2 ==>
      @   last == (\at(rec->trial, Pre) == UINT32_MAX ? 0 : \at(rec->trial, Pre) + 1);
      @ loop invariant tries > 1 ==>
      @   rec->trial == (last == UINT32_MAX ? 0 : last + 1);
      @ loop assigns rec->trial, tries, last;
      @ loop variant 3 - tries; */
    do {
        /*@ assert rec->trial == UINT32_MAX ==> (uint32_t)(rec->trial + 1) == 0; */
        /*@ ghost last = rec->trial; */
        /*@ ghost tries++; */
        rec->trial++;
    } while (rec->trial == 0 || rec->trial == confirm);
}

void ferry_trial_begin(struct ferry_boot_record *rec, unsigned bank,
                       const struct ferry_image *image, bool fallback,
                       const struct ferry_app_record *app)
{
    ferry_trial_renumber(rec, app->confirm);
    /*@ assert (bank & 1) != 0 <==> bank == 1; */
    boots(rec, FERRY_BOOT_TOMBSTONE | FERRY_BOOT_LOOPED,
          bank | FERRY_BOOT_ON_TRIAL | (fallback ? FERRY_BOOT_FALLBACK : 0));
    /*@ assert bank == 0 || bank == 1; */
    /*@ assert (rec->flags & 1) != 0 <==> bank == 1; */
    ferry_copy(rec->previous, rec->active, FERRY_DIGEST_KEPT);
    ferry_copy(rec->active, image->digest, FERRY_DIGEST_KEPT);
    tell(rec, FERRY_OUTCOME_TRIAL, image->digest, image->version);
    /*@ assert (rec->flags & 1) != 0 <==> bank == 1; */
}

void ferry_trial_confirm(struct ferry_boot_record *rec, const struct ferry_image *image)
{
    boots(rec, FERRY_BOOT_BANK | FERRY_BOOT_TOMBSTONE | FERRY_BOOT_FALLBACK, 0);
    rec->floor = ferry_trial_floor(rec->floor, image);
    rec->updates = one_more(rec->updates);
    rec->outcome = FERRY_OUTCOME_CONFIRMED;
}

/* One tombstone lives: the greatest. Recovery and production images are not measured
 * by each other. */
/*@ requires \valid(rec) && \valid_read(image) && \separated(rec, image);
  @ terminates \true;
  @ assigns rec->flags, rec->tomb_slot, rec->tomb_version;
  @ ensures (rec->flags & 1) != 0 <==> (\old(rec->flags) & 1) != 0; */
static void bury(struct ferry_boot_record *rec, const struct ferry_image *image)
{
    bool any = (rec->flags & FERRY_BOOT_TOMBSTONE) != 0;

    if (any && ferry_policy_entombed(rec->tomb_slot, rec->tomb_version, image->slot,
                                     image->version)) {
        return;
    }
    rec->flags |= FERRY_BOOT_TOMBSTONE;
    rec->tomb_slot = image->slot;
    rec->tomb_version = image->version;
    /*@ assert (rec->flags & 1) != 0 <==> (\at(rec->flags, Pre) & 1) != 0; */
}

void ferry_trial_return(struct ferry_boot_record *rec, enum ferry_outcome why,
                        const struct ferry_image *image)
{
    bool looped = why == FERRY_OUTCOME_CRASH_LOOP;

    tell(rec, why, rec->active, image->version);
    if (why == FERRY_OUTCOME_FAULTS || looped || rec->returns >= FERRY_TRIAL_RETURNS) {
        bury(rec, image);
    } else if (why != FERRY_OUTCOME_REFUSED) { /* it had no chance */
        rec->returns++;
    }
    /*@ assert (rec->flags & 1) != 0 <==> (\at(rec->flags, Pre) & 1) != 0; */
    boots(rec, FERRY_BOOT_BANK | FERRY_BOOT_TOMBSTONE | FERRY_BOOT_LOOPED,
          looped ? FERRY_BOOT_LOOPED : 0);
    /*@ assert (rec->flags & 1) != 0 <==> (\at(rec->flags, Pre) & 1) != 0; */
    rec->flags ^= FERRY_BOOT_BANK;
    /*@ assert (rec->flags & 1) != 0 <==> (\at(rec->flags, Pre) & 1) == 0; */
    ferry_copy(rec->active, rec->previous, FERRY_DIGEST_KEPT);
    rec->rollbacks = one_more(rec->rollbacks);
}
