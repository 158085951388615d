/* SPDX-License-Identifier: Apache-2.0
 *
 * What an input makes one end of a session say to the other: messages with any fields
 * and the right CRC, bodies of any bytes that are sealed, and frames that were damaged.
 * Lives among the scenarios' helpers; a fact of theirs that does not hold ends the
 * program. */
#ifndef FERRY_FUZZ_WORDS_H
#define FERRY_FUZZ_WORDS_H

#include "fuzz.h"
#include "peer.h"

/* Some of its numbers are others than they were, up to three of them. */
void words_change(struct fuzz_input *in, struct ferry_msg *m);
/* A message of any type that goes to the courier, or to the device. Its bytes are valid
 * until the next one. */
struct ferry_msg words_any(struct fuzz_input *in, bool to_courier);
/* FERRY_CHUNK_MAX bytes that mean nothing, valid until the next ones. */
const uint8_t *words_junk(struct fuzz_input *in);

/* Each writes at most FRAME_WIRE_MAX bytes for the link, and returns their number. */
size_t words_sealed(struct fuzz_input *in, uint16_t tag, uint8_t *wire);
size_t words_raw(struct fuzz_input *in, uint8_t *wire);
/* Of `len` bytes: the end is missing, or a byte or a bit is another. */
size_t words_damage(struct fuzz_input *in, uint8_t *wire, size_t len);

#endif
