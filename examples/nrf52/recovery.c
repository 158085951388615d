/* SPDX-License-Identifier: Apache-2.0
 *
 * A bootloader with recovery: nothing boots, so it receives a signed image over the
 * UART by itself, and resets. Ran on QEMU's nRF51 model only. */
#include "board.h"
#include "bootloader.h"
#include "clock.h"
#include "resets.h"
#include "session.h"
#include "watchdog.h"

static const struct ferry_app_journal_config journal_cfg = {
    .identity = &board.id,
    .map = &board.map,
    .flash = &board.flash,
    .crypto = &board.crypto,
    .handoff = BOARD_HANDOFF,
    .recovery = true,
};

void bootloader_nothing_boots(int err)
{
    nrf52_clock_start();
    nrf52_uart_start(&board_uart);
    NRF52_STATUS->error = (uint32_t)-err;
    (void)!session_open(&journal_cfg, ferry_app_journal_recovery, nrf52_clock_ms());
    NRF52_STATUS->who = NRF52_WHO_RECOVERY;
    while (!session_reboot) {
        nrf52_watchdog_feed();
        nrf52_clock_sleep(session_turn(nrf52_clock_ms()), session_awake);
        NRF52_STATUS->loops++;
    }
    ferry_handoff_planned(BOARD_HANDOFF);
    nrf52_reset();
}
