/* SPDX-License-Identifier: Apache-2.0
 *
 * The releases that come to a device in the course of its life, in that order. */
#ifndef POWERCUT_GOODS_H
#define POWERCUT_GOODS_H

#include "world.h"

enum { GOODS = 5 };

/* Sign them, around images of about that many bytes; `toy`: release.h. */
void goods_make(uint32_t image_len, bool toy);
const struct artifact_bytes *goods_artifact(int i);
const uint8_t *goods_digest(int i); /* of its envelope */
uint32_t goods_version(int i);
int goods_bank(int i); /* that it is linked for */

#endif
