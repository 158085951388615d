/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows that a flash call may answer later or in slices, and that what it claims is
 * worth a read. Does not know what is written, or why. */
#include "flash.h"

#include <string.h>

#define READ_LEN 32U

bool ferry_flash_reads(const struct ferry_flash *flash, uint32_t addr,
                       const uint8_t *want, uint32_t len)
{
    uint8_t got[READ_LEN];

    while (len > 0) {
        uint32_t n = len < READ_LEN ? len : READ_LEN;
        if (flash->read(flash->ctx, addr, got, n) != 0) {
            return false;
        }
        for (uint32_t i = 0; i < n; i++) {
            if (got[i] != (want != NULL ? *want++ : flash->erased)) {
                return false;
            }
        }
        addr += n;
        len -= n;
    }
    return true;
}

static int conclude(const struct ferry_io *io, int status)
{
    const struct ferry_flash_op *op = &io->op;

    if (status == FERRY_PENDING || (status == FERRY_MORE && op->erase)) {
        return status;
    }
    return status == 0 && ferry_flash_reads(io->flash, op->addr, op->buf, op->len)
               ? 0
               : FERRY_E_FLASH;
}

int ferry_io_begin(struct ferry_io *io, const struct ferry_flash_op *op)
{
    const struct ferry_flash *flash = io->flash;
    int status;

    io->op = *op;
    if (op->erase) {
        io->op.buf = NULL;
        io->op.len = flash->erase_unit;
        status = flash->erase(flash->ctx, op->addr);
    } else {
        status = flash->write(flash->ctx, op->addr, op->buf, op->len);
    }
    return conclude(io, status);
}

int ferry_io_done(struct ferry_io *io, int status)
{
    return conclude(io, status == FERRY_PENDING ? FERRY_E_FLASH : status);
}
