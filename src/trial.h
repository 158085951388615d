/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of an image after its commit: trial, confirm, faults, return. Pure: a boot
 * record comes in and is changed; who verifies is boot_judge.c, who writes is boot.c. */
#ifndef FERRY_TRIAL_H
#define FERRY_TRIAL_H

#include "ferry/boot.h"
#include "ferry/parts.h"
#include "ferry/statement.h"
#include "policy.h"

/* An image, as far as its life depends on it. */
struct ferry_image {
    uint8_t digest[FERRY_HASH_LEN]; /* of its envelope */
    uint32_t version, sec_ctr;
    uint8_t slot; /* that signed it */
};

/* The bank that a record says boots. */
/*@ requires \valid_read(rec);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= 1 && (\result == 1 <==> (rec->flags & FERRY_BOOT_BANK) != 0); */
static inline unsigned ferry_trial_bank(const struct ferry_boot_record *rec)
{
    return rec->flags & FERRY_BOOT_BANK;
}
/*@ requires \valid_read(rec);
  @ terminates \true;
  @ assigns \nothing; */
static inline bool ferry_trial_runs(const struct ferry_boot_record *rec)
{
    return (rec->flags & FERRY_BOOT_ON_TRIAL) != 0;
}
/* Resets left in the trial, 1 or more; 0: there is none. */
/*@ requires \valid_read(rec);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= 3; */
FERRY_MUST_USE unsigned ferry_trial_attempts(const struct ferry_boot_record *rec);

/* Is there a commit request that this record has not seen? Numbers of requests only go
 * up, and may wrap. */
/*@ requires \valid_read(rec);
  @ terminates \true;
  @ assigns \nothing; */
static inline bool ferry_trial_asked(const struct ferry_boot_record *rec,
                                     uint32_t commit)
{
    return (int32_t)(commit - rec->seen) > 0;
}
/* Does the application ask that the running trial be confirmed? */
/*@ requires \valid_read(rec);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result ==> confirm == rec->trial; */
static inline bool ferry_trial_shown(const struct ferry_boot_record *rec,
                                     uint32_t confirm)
{
    return ferry_trial_runs(rec) && confirm == rec->trial;
}

/* The floor after this image was confirmed. */
/*@ requires \valid_read(image);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures never_falls: \result >= floor;
  @ ensures \result == \max(floor, rank(floor, image->slot, image->sec_ctr)); */
FERRY_MUST_USE uint32_t ferry_trial_floor(uint32_t floor,
                                          const struct ferry_image *image);

/* The running trial gets a number that this confirm does not fit. */
/*@ requires \valid(rec);
  @ terminates \true;
  @ assigns rec->trial;
  @ ensures rec->trial != 0 && rec->trial != confirm;
  @ ensures rec->trial != \old(rec->trial); */
void ferry_trial_renumber(struct ferry_boot_record *rec, uint32_t confirm);

/* What the application asked for is not even tried. */
/*@ requires \valid(rec) && \valid_read(digest + (0 .. 7));
  @ requires \separated(rec, digest + (0 .. 7));
  @ terminates \true;
  @ assigns rec->outcome, rec->outcome_version, rec->outcome_digest[0 .. 7],
  @   rec->returns; */
void ferry_trial_refuse(struct ferry_boot_record *rec, const uint8_t *digest);
/* The image in `bank` boots from now on, on trial. `fallback`: the other one is worth
 * returning to. `app`: its confirm, made before the trial, does not count. */
/*@ requires \valid(rec) && \valid_read(image) && \valid_read(app) && bank <= 1;
  @ requires \separated(rec, image) && \separated(rec, app);
  @ terminates \true;
  @ assigns *rec;
  @ ensures picks: (rec->flags & FERRY_BOOT_BANK) != 0 <==> bank == 1;
  @ ensures never_falls: rec->floor == \old(rec->floor); */
void ferry_trial_begin(struct ferry_boot_record *rec, unsigned bank,
                       const struct ferry_image *image, bool fallback,
                       const struct ferry_app_record *app);
/* The running trial, of this image, is confirmed. */
/*@ requires \valid(rec) && \valid_read(image) && \separated(rec, image);
  @ terminates \true;
  @ assigns rec->flags, rec->faults, rec->powers, rec->expiries, rec->resets,
  @   rec->floor, rec->updates, rec->outcome;
  @ ensures picks: (rec->flags & FERRY_BOOT_BANK) != 0 <==>
  @   (\old(rec->flags) & FERRY_BOOT_BANK) != 0;
  @ ensures never_falls: rec->floor >= \old(rec->floor); */
void ferry_trial_confirm(struct ferry_boot_record *rec,
                         const struct ferry_image *image);

/* Count this reset. NONE: go on. Else why the active image should give way: FAULTS,
 * POWER, EXPIRED end a trial, CRASH_LOOP a confirmed service. */
/*@ requires \valid(rec);
  @ terminates \true;
  @ assigns rec->faults, rec->powers, rec->expiries, rec->resets; */
FERRY_MUST_USE enum ferry_outcome
ferry_trial_count(struct ferry_boot_record *rec, enum ferry_reset reset, bool expired);
/* The application says that it is well. */
/*@ requires \valid(rec) && \valid_read(app);
  @ terminates \true;
  @ assigns rec->healthy, rec->faults; */
void ferry_trial_forgive(struct ferry_boot_record *rec,
                         const struct ferry_app_record *app);

/* The other bank boots from now on, as confirmed as it was; `image` gives way. */
/*@ requires \valid(rec) && \valid_read(image) && \separated(rec, image);
  @ terminates \true;
  @ assigns *rec;
  @ ensures picks: (rec->flags & FERRY_BOOT_BANK) != 0 <==>
  @   (\old(rec->flags) & FERRY_BOOT_BANK) == 0;
  @ ensures never_falls: rec->floor == \old(rec->floor); */
void ferry_trial_return(struct ferry_boot_record *rec, enum ferry_outcome why,
                        const struct ferry_image *image);

#endif
