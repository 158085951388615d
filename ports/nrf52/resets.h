/* SPDX-License-Identifier: Apache-2.0
 *
 * Why the chip was reset, and how to reset it. Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_RESETS_H
#define FERRY_NRF52_RESETS_H

#include <stdint.h>

#include "ferry/boot.h"

/* The bits of RESETREAS since they were last asked for. The register is cumulative, so
 * this clears it: ask once a start. cause.c, or model/cause.c. */
uint32_t nrf52_reset_cause(void);

/* The class of these bits; none set is a power failure. */
enum ferry_reset nrf52_reset_class(uint32_t cause);

/* By software. Does not return. */
void nrf52_reset(void) __attribute__((noreturn));

#endif
