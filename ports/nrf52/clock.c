/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows TIMER1 (product specifications of nRF52840 1.1 and nRF52832 1.4, TIMER; nRF51
 * has the same): 16 MHz / 2^4 are microseconds, in 32 bits. It keeps the high-frequency
 * clock running; a product that counts microamperes takes an RTC.
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
#define MICROSECONDS 4U
#define SLEEP_MAX_MS 1000U

static uint32_t passed_ms;
static uint32_t passed_us; /* the timer, as it stood when the last of them was whole */

static uint32_t timer_us(void)
{
    nrf52_set(CAPTURE1, 1);
    return nrf52_get(CC1);
}

void nrf52_clock_start(void)
{
    nrf52_set(BITMODE, BITS_32);
    nrf52_set(PRESCALER, MICROSECONDS);
    nrf52_set(INTENSET, COMPARE0_INT);
    nrf52_irq_enable(NRF52_IRQ_TIMER1);
    nrf52_set(START, 1);
}

uint32_t nrf52_clock_ms(void)
{
    uint32_t ms = (timer_us() - passed_us) / 1000U;

    passed_us += ms * 1000U;
    passed_ms += ms;
    return passed_ms;
}

void nrf52_on_timer1(void)
{
    nrf52_set(COMPARE0, 0);
}

void nrf52_clock_sleep(uint32_t ms, bool (*awake)(void))
{
    uint32_t nap = ms < SLEEP_MAX_MS ? ms : SLEEP_MAX_MS;

    if (nap == 0) {
        return;
    }
    nrf52_irq_hold();
    nrf52_set(CC0, timer_us() + nap * 1000U);
    if (!awake()) {
        nrf52_wait_for_interrupt();
    }
    nrf52_irq_release();
}
