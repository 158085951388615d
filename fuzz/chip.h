/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated flash (tests/sim/flash) that holds what an input wills, for targets that
 * read flash. Its rules are asserted there: erase before program, grants, alignment. */
#ifndef FERRY_FUZZ_CHIP_H
#define FERRY_FUZZ_CHIP_H

#include "fuzz.h"
#include "sim_hal.h"

/* A chip that is blank, and nobody may write. */
void chip_new(struct sim_flash *f, uint32_t size, uint32_t erase_unit,
              uint8_t write_unit, uint8_t erased);
/* These bytes stand there: what of them is not blank, whole words, was programmed. */
void chip_load(struct sim_flash *f, uint32_t addr, const void *bytes, uint32_t len);
/* Patches of the input's making: where, how many, which bytes, as often as it says. */
void chip_patch(struct sim_flash *f, struct fuzz_input *in, uint32_t addr,
                uint32_t len);

#endif
