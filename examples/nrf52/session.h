/* SPDX-License-Identifier: Apache-2.0
 *
 * Receiving updates over the UART: the application's, and the bootloader's when nothing
 * boots. There is one session. Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_SESSION_H
#define FERRY_NRF52_SESSION_H

#include "ferry/app_journal.h"

extern struct ferry_app_journal session_journal;
extern bool session_reboot; /* everything is said and durable: reset now */

/* On the board, which is open; `cfg` must stay. `as` is what goes with it:
 * ferry_app_journal_commit, or ferry_app_journal_recovery. 0, or what
 * ferry_app_journal_open() says: the session serves all the same. */
FERRY_MUST_USE int session_open(const struct ferry_app_journal_config *cfg,
                                struct ferry_commit (*as)(struct ferry_app_journal *j),
                                uint32_t now_ms);

/* One turn: what came in, what may go out, one step of work. Returns for how many
 * milliseconds there is nothing to do unless something comes in. */
FERRY_MUST_USE uint32_t session_turn(uint32_t now_ms);

/* Is there something to do at once? For nrf52_clock_sleep(). */
bool session_awake(void);

/* What runs, as the journal knows it; NULL: it does not. */
const struct ferry_boot_state *session_runs(void);

#endif
