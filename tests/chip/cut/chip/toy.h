/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures that cost two hashes and that anybody can make, over a real SHA-256: the
 * rule of tests/sim/release.h on a chip. For a device whose power is cut, not for one
 * that is attacked. */
#ifndef CUT_TOY_H
#define CUT_TOY_H

#include "ferry/hal.h"

/* `sha` has the hash; what it says of signatures is not used. It must outlive the
 * result. */
struct ferry_crypto toy_crypto(struct ferry_crypto *sha);

#endif
