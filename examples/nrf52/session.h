/* SPDX-License-Identifier: Apache-2.0
 *
 * Receiving updates over the UART: the application's, and the bootloader's when nothing
 * boots. Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_SESSION_H
#define FERRY_NRF52_SESSION_H

#include "ferry/app_journal.h"
#include "ferry/device.h"

#define SESSION_CHUNK 128U
#define SESSION_CHUNKS 16U

struct session {
    struct ferry_app_journal_config journal_cfg;
    struct ferry_app_journal journal;
    struct ferry_commit commit;
    struct ferry_app app;
    struct ferry_device_config device_cfg;
    struct ferry_device device;
    uint32_t pool[SESSION_CHUNKS * FERRY_DEVICE_SLOT(SESSION_CHUNK) / 4U];
    bool reboot; /* everything is said and durable */
};

/* On the board, which is open. 0, or what ferry_app_journal_open() says: the session
 * serves all the same. */
FERRY_MUST_USE int session_open(struct session *s,
                                const struct ferry_app_journal_config *cfg,
                                uint16_t seed, uint32_t now_ms);

/* One turn: what came in, what may go out, one step of work. Returns for how many
 * milliseconds there is nothing to do unless something comes in. */
FERRY_MUST_USE uint32_t session_turn(struct session *s, uint32_t now_ms);

#endif
