/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two files of the simulated flash share. */
#ifndef SIM_IN_H
#define SIM_IN_H

#include "sim_flash.h"

/* An operation begins; does not return if it is the one that is cut. */
void sim_begins(struct sim_flash *f, const struct sim_op *op);
/* These bits have been programmed, or erased (`buf` NULL), for good. */
void sim_firm(struct sim_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len);
/* Was this byte torn in a way that nobody can see? */
bool sim_unseen(const struct sim_flash *f, uint32_t addr);
/* What a read finds where bits have no side. */
void sim_waver(struct sim_flash *f, uint32_t addr, uint8_t *buf, uint32_t len);
/* Bits without a side take the one they have until the next start. */
void sim_wake(struct sim_flash *f);

#endif
