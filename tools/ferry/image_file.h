/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that name addresses, taken apart. What they say is checked; which addresses
 * make an image is not (pieces.h). Exit codes, and they have said why. */
#ifndef FERRY_TOOL_IMAGE_FILE_H
#define FERRY_TOOL_IMAGE_FILE_H

#include "pieces.h"

/* `file` stays borrowed as long as the pieces are used. */
int image_elf(struct pieces *p, const struct bytes *file);

/* Intel HEX. The bytes it spells are written over its text. */
int image_hex(struct pieces *p, const struct bytes *file);

#endif
