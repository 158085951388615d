/* SPDX-License-Identifier: Apache-2.0
 *
 * From reset to main(): the vector table, .data and .bss. Leaves .kept as the reset left
 * it. A fault ends in a reset that nobody announced. Ran on QEMU only. */
#include <stdint.h>
#include <string.h>

#include "mps2.h"
#include "regs.h"

/* From the linker script. */
extern uint32_t mps2_stack_top[], mps2_data_start[], mps2_data_end[];
extern const uint32_t mps2_data_load[];
extern uint32_t mps2_bss_start[], mps2_bss_end[];

int main(void);
void mps2_start(void) __attribute__((noreturn));
void mps2_fault(void);

typedef void handler(void);

void mps2_fault(void)
{
    mps2_set(AIRCR, AIRCR_SYSRESETREQ);
    for (;;) {
    }
}

void mps2_start(void)
{
    memcpy(mps2_data_start, mps2_data_load,
           (uintptr_t)mps2_data_end - (uintptr_t)mps2_data_start);
    memset(mps2_bss_start, 0, (uintptr_t)mps2_bss_end - (uintptr_t)mps2_bss_start);
    (void)main();
    mps2_exit(1); /* no program of ours returns */
}

void mps2_on_systick(void) __attribute__((weak, alias("mps2_fault")));
void mps2_on_nmi(void) __attribute__((weak, alias("mps2_fault")));
void mps2_on_uart0(void) __attribute__((weak, alias("mps2_fault")));

#define NMI 1
#define SYSTICK 14

/* The core's own, and the only one of a peripheral that is ever enabled. */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack_top;
    handler *exceptions[15];
    handler *irqs[1];
} vectors = {
    mps2_stack_top,
    {mps2_start, mps2_on_nmi, [NMI + 1 ... SYSTICK - 1] = mps2_fault, mps2_on_systick},
    {[UART0_RX_IRQ] = mps2_on_uart0},
};
