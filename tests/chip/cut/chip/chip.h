/* SPDX-License-Identifier: Apache-2.0
 *
 * What a planted bug replaces: how it is decided what boots, and what an event does
 * besides. sound.c, or careless.c; Meson chooses. */
#ifndef CUT_CHIP_H
#define CUT_CHIP_H

#include "ferry/boot.h"

/* As ferry_boot(). */
int cut_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
             uint32_t cause);
/* The session tells this; `bank` is the staging bank. */
void cut_event(const struct ferry_flash *flash, enum ferry_event event, uint32_t bank);

/* Nothing boots. Whoever cuts the power stops the chip here. */
void cut_halt(int err) __attribute__((noreturn, noinline));

#endif
