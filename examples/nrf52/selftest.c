/* SPDX-License-Identifier: Apache-2.0
 *
 * In the bootloader's place, a program that checks the port on its board, says over the
 * UART what it found, and resets the chip in between. Uses up three pages (layout.h).
 * It does not sign: that would not fit there, and the application shows it.
 * Ran on QEMU's nRF51 model only. */
#include "selftest.h"

#include <string.h>

#include "board.h"
#include "clock.h"
#include "core.h"
#include "layout.h"
#include "resets.h"
#include "watchdog.h"

#define KEPT ((struct ferry_port_selftest_kept *)NRF52_SELFTEST_ADDR)

static void write_out(const char *words)
{
    while (!nrf52_uart_ready()) {
    }
    nrf52_uart_send((const uint8_t *)words, strlen(words));
}

static void say(void *ctx, const char *check, enum ferry_port_verdict verdict)
{
    static const char *const words[] = {"ok ", "NOT OK ", "skipped "};

    (void)ctx;
    write_out(words[verdict]);
    write_out(check);
    write_out("\r\n");
}

static uint32_t millis(void *ctx)
{
    (void)ctx;
    return nrf52_clock_ms();
}

static int arm(void *ctx)
{
    (void)ctx;
    nrf52_watchdog_start(BOARD_WATCHDOG_MS);
    return 0;
}

int main(void)
{
    enum ferry_reset reset = nrf52_reset_class(nrf52_reset_cause());

    board_tell(NRF52_WHO_SELFTEST, 0);
    (void)!board_open(); /* the identity block may come later */
    nrf52_clock_start();
    nrf52_uart_start(&board_uart);
    const struct ferry_port_selftest test = {
        .flash = &board.flash,
        .crypto = &board.crypto,
        .scratch = LAYOUT_SCRATCH(nrf52_part.flash_len),
        .kept = KEPT,
        .reset = reset,
        .say = say,
        .millis = millis,
        .with_lock = board.flash.lock != NULL,
        .arm_watchdog = arm,
        .watchdog_ms = BOARD_WATCHDOG_MS,
    };
    int failed = ferry_port_selftest(&test);
    while (!nrf52_uart_ready()) {
    }
    if (failed == FERRY_PORT_SELFTEST_RESET) {
        nrf52_reset();
    }
    NRF52_STATUS->error = (uint32_t)failed;
    NRF52_STATUS->who = NRF52_WHO_SELFTESTED;
    write_out(failed == 0 ? "passed\r\n" : "failed\r\n");
    for (;;) {
        nrf52_watchdog_feed();
    }
}
