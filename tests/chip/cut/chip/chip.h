/* SPDX-License-Identifier: Apache-2.0
 *
 * What a planted bug (careless.c) listens to. */
#ifndef CUT_CHIP_H
#define CUT_CHIP_H

#include "ferry/hal.h"

/* The session told this. */
void cut_told(enum ferry_event event);

#endif
