/* SPDX-License-Identifier: Apache-2.0
 *
 * What a Cortex-M0 and a Cortex-M4 share: the vector table's handlers and how to have
 * them called, the jump to another program. Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_CORE_H
#define FERRY_NRF52_CORE_H

#include <stdint.h>

#include "regs.h"

/* Their numbers are the same on nRF51 and nRF52. */
enum { NRF52_IRQ_UART0 = 2, NRF52_IRQ_TIMER1 = 9, NRF52_IRQS = 48 };

static inline void nrf52_irq_enable(unsigned irq)
{
    nrf52_set(0xE000E100U, 1U << irq); /* NVIC ISER0 */
}

/* Whoever links uart.c or clock.c has these; all other interrupts are faults. */
void nrf52_on_uart0(void);
void nrf52_on_timer1(void);

/* Address of this program's vector table: where its image is linked. */
uint32_t nrf52_vectors_addr(void);

/* Start the program whose vector table stands at `addr`. Nothing of this one may be
 * running: no interrupt, no peripheral. Does not return. */
void nrf52_jump(uint32_t addr) __attribute__((noreturn));

#endif
