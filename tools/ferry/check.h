/* SPDX-License-Identifier: Apache-2.0
 *
 * Is an artifact what a device with this key would accept, byte for byte? Asks the
 * engine's own code. Does not know who the device is: policy is the device's. */
#ifndef FERRY_TOOL_CHECK_H
#define FERRY_TOOL_CHECK_H

#include <sodium.h>

#include "artifact.h"
#include "ferry/hal.h"

#define ANY_SLOT (-1)

/* The key table of a device that has this key in `slot`, or in every slot. */
void check_keys(struct ferry_key keys[FERRY_KEY_SLOTS],
                const uint8_t public[crypto_sign_PUBLICKEYBYTES], int slot);

/* Signature, manifest, lengths, block table, every block, the whole image, in the
 * device's order. `a` is opened; afterwards it is parsed. An exit code. */
int check_artifact(struct artifact *a, const struct ferry_key *keys);

/* The same without the signature: `a` is parsed. */
int check_content(const struct artifact *a);

/* SHA-256 of the to-be-signed bytes: the name of an artifact. */
void check_digest(struct artifact *a, uint8_t digest[FERRY_HASH_LEN]);

#endif
