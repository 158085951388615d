/* SPDX-License-Identifier: Apache-2.0
 *
 * Hears what a device says, and holds it to its word: what it says is understood, is no
 * more than it owes, and is true of the device that says it. */
#ifndef FERRY_FUZZ_EAR_H
#define FERRY_FUZZ_EAR_H

#include "peer.h"

/* All there is to hear, in values of at most `cap` bytes; 0: the link takes nothing. */
void ear_hear(struct peer *p, size_t cap);

#endif
