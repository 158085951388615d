/* SPDX-License-Identifier: Apache-2.0
 *
 * The application's journal without a session: one device, and its seam by hand. */
#ifndef FERRY_APP_BENCH_H
#define FERRY_APP_BENCH_H

#include "ferry/app_journal.h"
#include "world.h"

#define HOUR_MS 3600000U
#define DAY_MS (24U * HOUR_MS)

extern struct world w;
extern struct ferry_app_journal *const j; /* its journal */

/* Fresh from the factory; and one whose second image is on trial. */
void app_new_device(void);
void app_trial_device(void);
int app_reopen(uint32_t now);

/* The artifact of version 1.bank.0 for that bank. */
struct artifact_bytes app_make(unsigned bank);

/* Is there work for the session? */
bool app_owes(void);
/* The next piece of work, done or (status) said to be. False: there is none. */
bool app_work(int status);
unsigned app_work_all(void);
void app_tell(enum ferry_event event, int err);

#endif
