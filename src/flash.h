/* SPDX-License-Identifier: Apache-2.0
 *
 * The one outstanding flash call, and the reading back of what it did. */
#ifndef FERRY_FLASH_H
#define FERRY_FLASH_H

#include "ferry/parts.h"

/* In contracts: what may be asked of flash. Only parts of what was lent are lent, so who
 * borrows two pages is shown to ask for nothing outside of them. `was_blank`: once at least
 * it was read, and was. */
/*@ predicate blank{L}(uint32_t *words, integer n, integer erased) =
  @   \forall integer i; 0 <= i < n ==> words[i] == erased * 0x01010101;
  @ axiomatic Flash {
  @   predicate lent(struct ferry_flash *flash, integer addr, integer len);
  @   axiom part: \forall struct ferry_flash *f, integer a, n, b, m;
  @     lent(f, a, n) && a <= b && b + m <= a + n ==> lent(f, b, m);
  @   predicate gave{L}(struct ferry_flash *flash, integer addr, uint32_t *to, integer len)
  @     reads to[0 .. len / 4 - 1];
  @   predicate was_blank(struct ferry_flash *flash, integer from, integer to);
  @   axiom none: \forall struct ferry_flash *f, integer a; was_blank(f, a, a);
  @   axiom some{L}: \forall struct ferry_flash *f, uint32_t *to, integer a, n;
  @     gave(f, a, to, n) && blank(to, n / 4, f->erased) ==> was_blank(f, a, a + n);
  @   axiom both: \forall struct ferry_flash *f, integer a, b, c;
  @     was_blank(f, a, b) && was_blank(f, b, c) ==> was_blank(f, a, c);
  @   axiom within: \forall struct ferry_flash *f, integer a, b, c, d;
  @     was_blank(f, a, b) && a <= c && d <= b ==> was_blank(f, c, d);
  @ } */

/* Whole words, so that they are read as such. */
/*@ requires \valid_read(flash) && lent(flash, addr, len);
  @ requires \valid(to + (0 .. (len + 3) / 4 - 1));
  @ terminates \true;
  @ assigns \result, to[0 .. (len + 3) / 4 - 1];
  @ ensures \result == 0 ==> gave(flash, addr, to, len); */
static inline int ferry_flash_read(const struct ferry_flash *flash, uint32_t addr,
                                   uint32_t *to, uint32_t len)
{
    return flash->read(flash->ctx, addr, to, len);
}

/* Does flash hold these bytes (NULL: is it erased)? */
/*@ requires \valid_read(flash) && lent(flash, addr, len) && addr + len <= UINT32_MAX;
  @ terminates \true;
  @ assigns \nothing;
  @ ensures blank: \result && want == \null && len % 4 == 0 ==>
  @   was_blank(flash, addr, addr + len); */
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
