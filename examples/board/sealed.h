/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of an image that nobody can change any more, the last look at it, and the jump
 * into it. On a chip the image runs where it was verified; a process needs a file, so
 * what is executed is verified once more: the copy, not the flash. */
#ifndef FERRY_BOARD_SEALED_H
#define FERRY_BOARD_SEALED_H

#include "ferry/hal.h"
#include "ferry/manifest.h"

/* Copy `len` bytes at `addr` of `flash`. Returns a descriptor, or -1 with errno. It is
 * sealed memory (memfd); or, where that is forbidden or with `on_disk`, a file in the
 * working directory that has lost its name and is open for reading only. */
FERRY_MUST_USE int sealed_copy(const struct ferry_flash *flash, uint32_t addr,
                               uint32_t len, bool on_disk);

/* Whose image is it, and is it signed? `env`: FERRY_ENVELOPE_MAX bytes as read from the
 * bank, with FERRY_TBS_SPARE writable ones before. On 0 `m` points into them; else an
 * enum ferry_err. */
FERRY_MUST_USE int sealed_envelope(const struct ferry_identity *id,
                                   const struct ferry_crypto *crypto, uint8_t *env,
                                   struct ferry_manifest *m);

/* Does `fd` hold exactly the image that `m` describes? 0 or FERRY_E_HASH. */
FERRY_MUST_USE int sealed_holds(int fd, const struct ferry_crypto *crypto,
                                const struct ferry_manifest *m);

/* Returns only if it failed, with errno. */
void sealed_run(int fd, char *const argv[]);

#endif
