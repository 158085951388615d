/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes the place of ports/nrf52/regs.h, by its guard: the port's files, compiled for a
 * host, reach a chip made of numbers (fake.h). */
#ifndef FERRY_NRF52_REGS_H
#define FERRY_NRF52_REGS_H

#include <stdint.h>

uint32_t nrf52_get(uint32_t addr);
void nrf52_set(uint32_t addr, uint32_t value);
void nrf52_copy_out(void *to, uint32_t addr, uint32_t len);
void nrf52_irq_hold(void);
void nrf52_irq_release(void);
void nrf52_wait_for_interrupt(void);

#endif
