/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how one program hands the CPU to another: vector table, stack, reset handler.
 * Does not know whether that is a good idea. Ran on QEMU's nRF51 model only, whose
 * Cortex-M0 has a VTOR; a real nRF51 has none. */
#include "core.h"

#define VTOR 0xE000ED08UL

void nrf52_jump(uint32_t addr)
{
    uint32_t stack = nrf52_get(addr), start = nrf52_get(addr + 4U);

    nrf52_set(VTOR, addr);
    __asm__ volatile("dsb\n\tisb\n\t"
                     "msr msp, %0\n\t"
                     "bx %1"
                     :
                     : "r"(stack), "r"(start)
                     : "memory");
    __builtin_unreachable();
}
