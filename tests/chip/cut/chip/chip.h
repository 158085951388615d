/* SPDX-License-Identifier: Apache-2.0
 *
 * What a planted bug may replace: how it is decided what boots, and what a commit does
 * besides. sound.c has neither; pointer.c is a design that bricks. Meson chooses one. */
#ifndef CUT_CHIP_H
#define CUT_CHIP_H

#include "ferry/boot.h"

/* As ferry_boot(). */
int cut_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset, uint32_t cause);
/* This bank was committed, and boots next. */
void cut_committed(const struct ferry_flash *flash, unsigned bank);

void cut_halt(int err) __attribute__((noreturn, noinline));

#endif
