/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way to the hardware: everything in this folder reaches registers, flash and
 * the instructions that no compiler makes through these. A host test puts its own in
 * their place by including a file with the same guard first. Knows no address. Ran on
 * QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_REGS_H
#define FERRY_NRF52_REGS_H

#include <stdint.h>
#include <string.h>

static inline uint32_t nrf52_get(uint32_t addr)
{
    return *(const volatile uint32_t *)addr;
}

static inline void nrf52_set(uint32_t addr, uint32_t value)
{
    *(volatile uint32_t *)addr = value;
}

/* Memory that is read as bytes: flash. */
static inline void nrf52_copy_out(void *to, uint32_t addr, uint32_t len)
{
    memcpy(to, (const void *)addr, len);
}

static inline void nrf52_irq_hold(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
}

static inline void nrf52_irq_release(void)
{
    __asm__ volatile("cpsie i" ::: "memory");
}

/* Until an interrupt is pending, held back or not. */
static inline void nrf52_wait_for_interrupt(void)
{
    __asm__ volatile("dsb\n\twfi" ::: "memory");
}

#endif
