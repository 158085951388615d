/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers of the MPS2 board with application note 386's image (Cortex-M4F), and where
 * this port keeps things. Ran on QEMU's model of it only. */
#ifndef FERRY_MPS2_REGS_H
#define FERRY_MPS2_REGS_H

#include <stdint.h>

#define MPS2_HZ 25000000UL

/* CMSDK timer 0, counting down. */
#define TIMER0_CTRL 0x40000000UL
#define TIMER0_VALUE 0x40000004UL
#define TIMER0_RELOAD 0x40000008UL

/* CMSDK UART 0. */
#define UART0_DATA 0x40004000UL
#define UART0_STATE 0x40004004UL
#define UART0_CTRL 0x40004008UL
#define UART0_INTCLR 0x4000400CUL
#define UART0_BAUDDIV 0x40004010UL

/* CMSDK watchdog. The first end of its count is an NMI, the second a reset. */
#define WATCHDOG_LOAD 0x40008000UL
#define WATCHDOG_CTRL 0x40008008UL
#define WATCHDOG_INTCLR 0x4000800CUL
#define WATCHDOG_LOCK 0x40008C00UL
#define WATCHDOG_UNLOCKED 0x1ACCE551UL

/* Cortex-M4. */
#define NVIC_ENABLE 0xE000E100UL
#define UART0_RX_IRQ 0U
#define SYSTICK_CTRL 0xE000E010UL
#define SYSTICK_RELOAD 0xE000E014UL
#define SYSTICK_VALUE 0xE000E018UL
#define VTOR 0xE000ED08UL
#define AIRCR 0xE000ED0CUL
#define AIRCR_SYSRESETREQ 0x05FA0004UL

static inline uint32_t mps2_get(uint32_t addr)
{
    return *(volatile uint32_t *)(uintptr_t)addr;
}

static inline void mps2_set(uint32_t addr, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)addr = value;
}

/* ---- places: mps2.map says them again, for the factory --------------------------- */

/* 16 MB of PSRAM that play the flash: behind it QEMU can put a file. */
#define FLASH_ADDR 0x21000000UL
#define FLASH_LEN 0x01000000UL
#define FLASH_UNIT 4096U
#define IDENTITY_ADDR 0x21104000UL
#define SCRATCH_ADDR 0x21105000UL

#endif
