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

static int conclude(struct ferry_io *io, int status)
{
    io->pending = status == FERRY_PENDING;
    if (io->pending || (status == FERRY_MORE && io->op == FERRY_IO_ERASE)) {
        return status;
    }
    return status == 0 && ferry_flash_reads(io->flash, io->addr, io->buf, io->len)
               ? 0
               : FERRY_E_FLASH;
}

int ferry_io_erase(struct ferry_io *io, uint32_t addr)
{
    io->op = FERRY_IO_ERASE;
    io->addr = addr;
    io->buf = NULL;
    io->len = io->flash->erase_unit;
    return conclude(io, io->flash->erase(io->flash->ctx, addr));
}

int ferry_io_write(struct ferry_io *io, uint32_t addr, const uint8_t *buf, uint32_t len)
{
    io->op = FERRY_IO_WRITE;
    io->addr = addr;
    io->buf = buf;
    io->len = len;
    return conclude(io, io->flash->write(io->flash->ctx, addr, buf, len));
}

int ferry_io_done(struct ferry_io *io, int status)
{
    return conclude(io, status == FERRY_PENDING ? FERRY_E_FLASH : status);
}
