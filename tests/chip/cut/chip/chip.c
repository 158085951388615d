/* SPDX-License-Identifier: Apache-2.0
 *
 * What an image goes on with once it runs (image.S): an application around the
 * example's session. It stands beside the example's bootloader in the part of flash
 * that no update touches, so that an update is small. Whoever cuts the power stops the
 * chip by the names of functions: nrf52_jump, bootloader_halt, nrf52_reset. */
#include "chip.h"

#include "board.h"
#include "clock.h"
#include "core.h"
#include "resets.h"
#include "session.h"

/* For who records: the application is up. */
volatile uint32_t cut_up;

/* QEMU, while it records, gives bytes to the UART when some timer ends. This one ends
 * every millisecond, and interrupts nobody. */
static void start_beat(void)
{
    nrf52_set(0xE000E014UL, 15999); /* SYST_RVR */
    nrf52_set(0xE000E018UL, 0);     /* SYST_CVR */
    nrf52_set(0xE000E010UL, 5);     /* SYST_CSR: the processor's clock, no interrupt */
}

static void open_session(void)
{
    static const struct ferry_app_journal_config cfg = {
        .identity = &board.id,
        .map = &board.map,
        .flash = &board.flash,
        .crypto = &board.crypto,
        .handoff = BOARD_HANDOFF,
    };

    board.crypto.sign = ferry_sodium_sign;
    (void)!session_open(&cfg, ferry_app_journal_commit, nrf52_clock_ms());
    ferry_app_journal_selftest_passed(&session_journal);
}

__attribute__((weak)) void cut_told(enum ferry_event event)
{
    (void)event;
}

static void listen_to_events(void)
{
    static uint32_t heard;

    if (NRF52_STATUS->events != heard) {
        heard = NRF52_STATUS->events;
        cut_told((enum ferry_event)NRF52_STATUS->event);
    }
}

/* It does not sleep: the fewer events, the faster a replay. */
static void serve(void)
{
    nrf52_clock_start();
    open_session();
    nrf52_uart_start(&board_uart);
    start_beat();
    cut_up = 1;
    for (;;) {
        (void)!session_turn(nrf52_clock_ms());
        listen_to_events();
        if (session_reboot) {
            ferry_handoff_planned(BOARD_HANDOFF);
            nrf52_reset();
        }
    }
}

/* At an address that images know by heart; meson.build puts it there. */
__attribute__((section(".cut_serve"), used)) void (*const cut_serve)(void) = serve;
