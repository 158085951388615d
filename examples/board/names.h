/* SPDX-License-Identifier: Apache-2.0
 *
 * The words by which devices and phones of the examples tell what happens; scripts read
 * them. Knows no process that says them. */
#ifndef FERRY_BOARD_NAMES_H
#define FERRY_BOARD_NAMES_H

#include "ferry/courier.h"

const char *name_of_event(enum ferry_event event);
const char *name_of_state(enum ferry_courier_state state);

#endif
