/* SPDX-License-Identifier: Apache-2.0
 *
 * The one outstanding flash call, and the reading back of what it did. */
#ifndef FERRY_FLASH_H
#define FERRY_FLASH_H

#include "ferry/parts.h"

/* Does flash hold these bytes (NULL: is it erased)? */
FERRY_MUST_USE bool ferry_flash_reads(const struct ferry_flash *flash, uint32_t addr,
                                      const uint8_t *want, uint32_t len);

static inline void ferry_io_init(struct ferry_io *io, const struct ferry_flash *flash)
{
    io->flash = flash;
    io->op.erase = false;
}

/* Erase one unit, or program a run. 0: done, and flash reads as it should.
 * FERRY_PENDING: the port owes a done(). FERRY_MORE: a slice is erased, ask again.
 * FERRY_E_FLASH: it failed, or reads back wrong. */
FERRY_MUST_USE int ferry_io_begin(struct ferry_io *io, const struct ferry_flash_op *op);
/* The pending call ended with `status`; answers as the call would have. */
FERRY_MUST_USE int ferry_io_done(struct ferry_io *io, int status);

/* Was an erase the newest? */
static inline bool ferry_io_erasing(const struct ferry_io *io)
{
    return io->op.erase;
}
static inline bool ferry_io_power(const struct ferry_io *io)
{
    return io->flash->power_ok == NULL || io->flash->power_ok(io->flash->ctx);
}

#endif
