/* SPDX-License-Identifier: Apache-2.0
 *
 * The eight keys that a device is born with. A wrong one cannot be put right in the
 * field: everything doubtful is refused. Functions that return int return an exit code
 * and have said why. */
#ifndef FERRY_TOOL_SLOTS_H
#define FERRY_TOOL_SLOTS_H

#include "args.h"
#include "ferry/hal.h"
#include "keyfile.h"

#define SLOT_LEN 65U /* algorithm, key field: as in the identity block */
#define SLOTS_LEN (FERRY_KEY_SLOTS * SLOT_LEN)

/* --key SLOT=FILE, each of them. `insecure`: the published test key is welcome. */
int slots_read(struct ferry_key keys[FERRY_KEY_SLOTS], const struct args *a,
               bool insecure);

/* A page of SLOTS_LEN bytes out of a file, by the same rules. */
int slots_load(struct ferry_key keys[FERRY_KEY_SLOTS], const char *path, bool insecure);
void slots_page(const struct ferry_key keys[FERRY_KEY_SLOTS], uint8_t page[SLOTS_LEN]);

/* The slot that has this key; FERRY_KEY_SLOTS if none has. */
unsigned slots_find(const struct ferry_key keys[FERRY_KEY_SLOTS],
                    const uint8_t public[crypto_sign_PUBLICKEYBYTES]);

/* Says that `name` holds the published test key: REFUSED. */
int slots_refuse_published(const char *name);

#endif
