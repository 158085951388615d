/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows that a flash call may answer later or in slices, and that what it claims is
 * worth a read. Does not know what is written, or why. */
#include "flash.h"

#include <string.h>

#define READ_LEN 48U
#define EVERY_BYTE 0x01010101U

/* Runs that should be blank are long, and whole words. */
/*@ requires \valid_read(got + (0 .. len / 4 - 1));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result ==> blank(got, len / 4, erased); */
static bool is_blank(const uint32_t *got, uint32_t len, uint8_t erased)
{
    const uint32_t *end = got + len / 4;

    /*@ loop invariant got == end - (end - got) && 0 <= end - got <= len / 4;
      @ loop invariant blank(\at(got, Pre), got - \at(got, Pre), erased);
      @ loop assigns got;
      @ loop variant end - got; */
    while (got < end) {
        if (*got++ != erased * EVERY_BYTE) {
            return false;
        }
    }
    return true;
}

/*@ terminates \true;
  @ assigns \nothing; */
static bool same(const uint32_t *got, const uint8_t *want, uint32_t len)
{
    return memcmp(got, want, (size_t)len) == 0;
}

bool ferry_flash_reads(const struct ferry_flash *flash, uint32_t addr,
                       const uint8_t *want, uint32_t len)
{
    uint32_t got[READ_LEN / 4], n;

    /*@ loop invariant addr + len == \at(addr + len, Pre) && len <= \at(len, Pre);
      @ loop invariant \at(want, Pre) == \null ==> want == \null;
      @ loop invariant \at(want, Pre) == \null && \at(len, Pre) % 4 == 0 ==>
      @   len % 4 == 0 && was_blank(flash, \at(addr, Pre), addr);
      @ loop assigns len, n, addr, want, got[0 .. READ_LEN / 4 - 1];
      @ loop variant len; */
    for (; len > 0; len -= n) {
        n = len < READ_LEN ? len : READ_LEN;
        if (ferry_flash_read(flash, addr, got, n) != 0) {
            return false;
        }
        if (want == NULL ? !is_blank(got, n, flash->erased) : !same(got, want, n)) {
            return false;
        }
        want = want == NULL ? NULL : want + n;
        addr += n;
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
