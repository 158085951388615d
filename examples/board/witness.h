/* SPDX-License-Identifier: Apache-2.0
 *
 * A device's statement as its server would look at it: is the signature this device's,
 * is it the answer to this nonce? */
#ifndef FERRY_BOARD_WITNESS_H
#define FERRY_BOARD_WITNESS_H

#include "ferry/statement.h"

/* `s` points into `envelope`. 0 or an enum ferry_err: FERRY_E_SIG, too, where it answers
 * another nonce. */
FERRY_MUST_USE int witness_hear(const uint8_t *envelope, size_t len,
                                const uint8_t key[32], const uint8_t *nonce,
                                struct ferry_statement *s);

const char *witness_outcome(uint32_t outcome);

#endif
