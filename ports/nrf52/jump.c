/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a program ends: by handing the CPU to another one, or by a reset. Does not
 * know whether that is a good idea. Ran on QEMU's nRF51 model only, whose Cortex-M0 has
 * a VTOR; a real nRF51 has none. */
#include "core.h"
#include "resets.h"

#define VTOR 0xE000ED08U
#define AIRCR 0xE000ED0CU
#define AIRCR_SYSRESETREQ 0x05FA0004U

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

void nrf52_reset(void)
{
    __asm__ volatile("dsb" ::: "memory"); /* what was written to RAM is there */
    nrf52_set(AIRCR, AIRCR_SYSRESETREQ);
    for (;;) {
    }
}
