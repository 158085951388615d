/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows TIMER1 (product specifications of nRF52840 1.1 and nRF52832 1.4, TIMER; nRF51 has
 * the same): 16 MHz / 2^9 = 31250 Hz in 32 bits, which wraps after 38 hours. It keeps the
 * high-frequency clock running; a product that counts microamperes takes an RTC.
 * Ran on QEMU's nRF51 model only. */
#include "clock.h"

#include "core.h"
#include "regs.h"

#define TIMER 0x40009000U
#define START (TIMER + 0x000)
#define CAPTURE1 (TIMER + 0x044)
#define COMPARE0 (TIMER + 0x140)
#define INTENSET (TIMER + 0x304)
#define BITMODE (TIMER + 0x508)
#define PRESCALER (TIMER + 0x510)
#define CC0 (TIMER + 0x540)
#define CC1 (TIMER + 0x544)

#define COMPARE0_INT (1U << 16)
#define BITS_32 3U
#define SLEEP_MAX_MS 1000U

static uint32_t last_ticks;      /* as far as `passed` has counted */
static uint32_t passed_ms, rest; /* and what is not yet a millisecond, in 1/125 */

static uint32_t ticks(void)
{
    nrf52_set(CAPTURE1, 1);
    return nrf52_get(CC1);
}

void nrf52_clock_start(void)
{
    nrf52_set(BITMODE, BITS_32);
    nrf52_set(PRESCALER, 9);
    nrf52_set(INTENSET, COMPARE0_INT);
    nrf52_irq_enable(NRF52_IRQ_TIMER1);
    nrf52_set(START, 1);
}

/* 125 ticks are 4 ms. */
uint32_t nrf52_clock_ms(void)
{
    uint32_t now = ticks();
    uint32_t since = now - last_ticks;

    last_ticks = now;
    passed_ms += since / 125U * 4U;
    rest += since % 125U * 4U;
    passed_ms += rest / 125U;
    rest %= 125U;
    return passed_ms;
}

void nrf52_on_timer1(void)
{
    nrf52_set(COMPARE0, 0);
}

void nrf52_clock_sleep(uint32_t ms, bool (*awake)(void))
{
    uint32_t nap = ms < SLEEP_MAX_MS ? ms : SLEEP_MAX_MS;

    nrf52_irq_hold();
    nrf52_set(CC0, ticks() + nap * 125U / 4U + 2U); /* never one that has passed */
    if (!awake()) {
        nrf52_wait_for_interrupt();
    }
    nrf52_irq_release();
}
