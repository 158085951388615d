/* SPDX-License-Identifier: Apache-2.0
 *
 * The callbacks of a world. */
#ifndef FERRY_SIM_SEAMS_H
#define FERRY_SIM_SEAMS_H

#include "world.h"

struct ferry_commit world_seam_commit(struct world *w);
void world_seam_event(void *ctx, enum ferry_event event, int err);
int world_seam_read(void *ctx, unsigned which, uint32_t off, void *buf, uint32_t len);
void world_seam_statement(void *ctx, const uint8_t *envelope, size_t len);

#endif
