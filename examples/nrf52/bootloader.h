/* SPDX-License-Identifier: Apache-2.0
 *
 * What the bootloader does when nothing boots: halt.c, or recovery.c; Meson chooses.
 * Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_BOOTLOADER_H
#define FERRY_NRF52_BOOTLOADER_H

#include "ferry/boot.h"

/* The board is open, nothing is locked. `err`: why nothing boots. Does not return. */
void bootloader_nothing_boots(int err) __attribute__((noreturn));

/* It waits for somebody to come. A watchdog that runs resets the chip: then boot is
 * tried again. */
void bootloader_halt(int err) __attribute__((noreturn));

#endif
