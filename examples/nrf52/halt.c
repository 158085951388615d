/* SPDX-License-Identifier: Apache-2.0
 *
 * A bootloader without recovery: nothing boots, so it halts and says why.
 * Ran on QEMU's nRF51 model only. */
#include "bootloader.h"

void bootloader_nothing_boots(int err)
{
    bootloader_halt(err);
}
