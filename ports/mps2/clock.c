/* SPDX-License-Identifier: Apache-2.0
 *
 * Milliseconds by SysTick, whose interrupt counts all 32 bits and wakes the CPU; CMSDK
 * timer 0 for comparison. Ran on QEMU only. */
#include "mps2.h"
#include "port.h"
#include "regs.h"

#define ENABLE 1U
#define WITH_INTERRUPT 2U
#define BY_CPU_CLOCK 4U

static volatile uint32_t now_ms;

void mps2_on_systick(void)
{
    now_ms = now_ms + 1;
}

void port_clock_start(void)
{
    mps2_set(TIMER0_RELOAD, 0xFFFFFFFFUL);
    mps2_set(TIMER0_VALUE, 0xFFFFFFFFUL);
    mps2_set(TIMER0_CTRL, ENABLE);
    mps2_set(SYSTICK_RELOAD, MPS2_HZ / 1000U - 1U);
    mps2_set(SYSTICK_VALUE, 0);
    mps2_set(SYSTICK_CTRL, ENABLE | WITH_INTERRUPT | BY_CPU_CLOCK);
}

uint32_t port_millis(void *ctx)
{
    (void)ctx;
    return now_ms;
}

/* Good for the 171 s between two wraps of the timer. */
uint32_t port_micros(void *ctx)
{
    (void)ctx;
    return (0xFFFFFFFFUL - mps2_get(TIMER0_VALUE)) / (MPS2_HZ / 1000000U);
}

void port_set_millis(void *ctx, uint32_t ms)
{
    (void)ctx;
    now_ms = ms;
}

/* A millisecond at most: SysTick wakes the CPU. */
void port_sleep(uint32_t ms)
{
    (void)ms;
    __asm__ volatile("wfi");
}
