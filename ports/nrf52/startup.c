/* SPDX-License-Identifier: Apache-2.0
 *
 * From reset to main(): the vector table, .data and .bss. Any fault and any interrupt
 * that nobody wants ends in a reset by software, which the bootloader counts as a
 * crash. Does not touch the retained RAM. Ran on QEMU's nRF51 model only. */
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "resets.h"

/* From the linker script. */
extern uint32_t nrf52_stack_top[], nrf52_data_start[], nrf52_data_end[];
extern const uint32_t nrf52_data_load[];
extern uint32_t nrf52_bss_start[], nrf52_bss_end[];

int main(void);
void nrf52_start(void) __attribute__((noreturn));
void nrf52_fault(void);

typedef void handler(void);

void nrf52_start(void)
{
    memcpy(nrf52_data_start, nrf52_data_load,
           (uintptr_t)nrf52_data_end - (uintptr_t)nrf52_data_start);
    memset(nrf52_bss_start, 0, (uintptr_t)nrf52_bss_end - (uintptr_t)nrf52_bss_start);
    (void)main();
    nrf52_reset();
}

void nrf52_fault(void)
{
    nrf52_reset();
}

void nrf52_on_uart0(void) __attribute__((weak, alias("nrf52_fault")));
void nrf52_on_timer1(void) __attribute__((weak, alias("nrf52_fault")));

struct vectors {
    uint32_t *stack_top;
    handler *exceptions[15];
    handler *irqs[NRF52_IRQS];
};

/* 64 words, so a multiple of 256 bytes is where it may stand. */
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    nrf52_stack_top,
    {nrf52_start, [1 ... 14] = nrf52_fault},
    {[0 ... NRF52_IRQ_UART0 - 1] = nrf52_fault,
     [NRF52_IRQ_UART0] = nrf52_on_uart0,
     [NRF52_IRQ_UART0 + 1 ... NRF52_IRQ_TIMER1 - 1] = nrf52_fault,
     [NRF52_IRQ_TIMER1] = nrf52_on_timer1,
     [NRF52_IRQ_TIMER1 + 1 ... NRF52_IRQS - 1] = nrf52_fault},
};

uint32_t nrf52_vectors_addr(void)
{
    return (uint32_t)(uintptr_t)&vectors;
}
