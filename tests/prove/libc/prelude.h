/* SPDX-License-Identifier: Apache-2.0
 *
 * Goes before everything that Frama-C reads: what its parser does not know. */
#ifndef FERRY_PROVE_PRELUDE_H
#define FERRY_PROVE_PRELUDE_H

#define _Static_assert(holds, text) struct ferry_asserted /* compilers check these */

#endif
