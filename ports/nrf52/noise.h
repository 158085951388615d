/* SPDX-License-Identifier: Apache-2.0
 *
 * Noise, for numbers that should differ from start to start. Not for keys.
 * Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_NOISE_H
#define FERRY_NRF52_NOISE_H

#include <stdint.h>

/* Waits for less than a millisecond. */
uint16_t nrf52_noise(void);

#endif
