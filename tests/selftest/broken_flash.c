/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how flash drivers go wrong: in the length, in the place, in the moment, and in
 * what they promise. */
#include <string.h>

#include "broken.h"

/* ---- over the good one ----------------------------------------------------------- */

static const struct ferry_flash *good(const struct broken *b)
{
    return b->good->flash;
}

static uint32_t unit(const struct broken *b)
{
    return good(b)->erase_unit;
}

static uint32_t end(const struct broken *b)
{
    return b->good->scratch + FERRY_PORT_SELFTEST_UNITS * unit(b);
}

static int good_write(const struct broken *b, uint32_t addr, const void *buf,
                      uint32_t len)
{
    return good(b)->write(good(b)->ctx, addr, buf, len);
}

static int good_read(const struct broken *b, uint32_t addr, void *buf, uint32_t len)
{
    return good(b)->read(good(b)->ctx, addr, buf, len);
}

static bool sliced(const struct broken *b)
{
    return b->how == WELL_SLICED || b->how == SLICES_NEVER_END ||
           b->how == ERASE_FORGETS_ITS_PLACE;
}

/* A write that its call only took note of. */
static void late_write(struct broken *b)
{
    uint32_t len = b->late_len;

    b->late_len = 0;
    if (len > 0) {
        (void)good_write(b, b->late_addr, b->late_buf, len);
    }
}

/* ---- erase ----------------------------------------------------------------------- */

/* All but the last write unit: there a bit stays as it was. */
static int erase_too_little(struct broken *b, uint32_t addr)
{
    uint32_t w = good(b)->write_unit, last = addr + unit(b) - w, room[8];
    int status = good(b)->erase(good(b)->ctx, addr);

    memset(room, good(b)->erased ^ 0x01, sizeof room);
    return status == 0 ? good_write(b, last, room, w) : status;
}

/* It waits for a busy bit that a blank unit never sets: fails from the moment on when
 * all three units were erased once. */
static int erase_once(struct broken *b, uint32_t addr)
{
    uint8_t first = 0;
    int status = good_read(b, addr, &first, 1);

    if (status != 0 || (b->erased_once && first == good(b)->erased)) {
        return FERRY_E_FLASH;
    }
    b->erased_once = b->erased_once || addr + unit(b) == end(b);
    return good(b)->erase(good(b)->ctx, addr);
}

static int erase_next_too(struct broken *b, uint32_t addr)
{
    int status = good(b)->erase(good(b)->ctx, addr);

    addr += unit(b);
    return status == 0 && addr < end(b) ? good(b)->erase(good(b)->ctx, addr) : status;
}

static int erase_somehow(struct broken *b, uint32_t addr)
{
    if (b->cached) {
        memset(b->cache + (addr - b->good->scratch), good(b)->erased, unit(b));
        return 0;
    }
    switch ((int)b->how) {
    case ERASES_TOO_LITTLE:
        return erase_too_little(b, addr);
    case ERASES_ONCE:
        return erase_once(b, addr);
    case ERASES_NEXT_TOO:
        return erase_next_too(b, addr);
    default:
        return good(b)->erase(good(b)->ctx, addr);
    }
}

static int erase(void *ctx, uint32_t addr)
{
    struct broken *b = ctx;

    late_write(b);
    if (addr < b->kept->locked) {
        return FERRY_E_FLASH;
    }
    if (sliced(b)) {
        b->slices = (b->slices + 1) % 3;
        if (b->slices != 0 || b->how == SLICES_NEVER_END) {
            return FERRY_MORE;
        }
    }
    return broken_answer(b, erase_somehow(b, addr));
}

/* ---- write ----------------------------------------------------------------------- */

/* A row of 32 bytes at a time; what it was not given in it becomes 0. */
static int write_rows(struct broken *b, uint32_t addr, const void *buf, uint32_t len)
{
    uint32_t row[8];
    int status = good_write(b, addr, buf, len);

    memset(row, 0, sizeof row);
    if (len < sizeof row && status == 0) {
        status = good_write(b, addr + len, row, (uint32_t)sizeof row - len);
    }
    return status;
}

/* As a serial flash does: beyond the end of a page it begins that page again. */
static int write_within_a_page(struct broken *b, uint32_t addr, const uint8_t *buf,
                               uint32_t len)
{
    uint32_t first = 256 - addr % 256;
    int status = good_write(b, addr, buf, len < first ? len : first);

    while (status == 0 && len > first) {
        uint32_t n = len - first < 256 ? len - first : 256;
        uint32_t page = addr - addr % 256;
        (void)good_write(b, page, buf + first, n); /* mixes, or is refused */
        first += n;
    }
    return status;
}

static int write_somehow(struct broken *b, uint32_t addr, const void *buf, uint32_t len)
{
    if (b->cached) {
        memcpy(b->cache + (addr - b->good->scratch), buf, len);
        return 0;
    }
    switch ((int)b->how) {
    case WRITES_TOO_LITTLE:
        len -= good(b)->write_unit;
        return len == 0 ? 0 : good_write(b, addr, buf, len);
    case WRITES_ROWS:
        return write_rows(b, addr, buf, len);
    case WRITES_WITHIN_A_PAGE:
        return write_within_a_page(b, addr, buf, len);
    case READS_BUFFER_LATE:
        b->late_addr = addr;
        b->late_buf = buf;
        b->late_len = len;
        return 0;
    case ERASE_FORGETS_ITS_PLACE:
        return b->slices != 0 ? 0 : good_write(b, addr, buf, len);
    default:
        return good_write(b, addr, buf, len);
    }
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    struct broken *b = ctx;

    if (addr < b->kept->locked && b->how != LOCKS_ERASE_ONLY) {
        return FERRY_E_FLASH;
    }
    return broken_answer(b, write_somehow(b, addr, buf, len));
}

/* ---- read ------------------------------------------------------------------------ */

static int read_within_a_unit(struct broken *b, uint32_t addr, uint8_t *buf,
                              uint32_t len)
{
    uint32_t base = addr - addr % unit(b);
    int status = 0;

    for (uint32_t i = 0; i < len && status == 0; i++) {
        status = good_read(b, base + (addr + i) % unit(b), buf + i, 1);
    }
    return status;
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct broken *b = ctx;

    late_write(b);
    if (b->cached) {
        memcpy(buf, b->cache + (addr - b->good->scratch), len);
        return 0;
    }
    switch ((int)b->how) {
    case READS_WORDS:
        return good_read(b, addr & ~3U, buf, len);
    case READS_TOO_MUCH:
        return good_read(b, addr, buf, (len + 3U) & ~3U);
    case READS_WITHIN_A_UNIT:
        return read_within_a_unit(b, addr, buf, len);
    default:
        return good_read(b, addr, buf, len);
    }
}

/* ---- lock ------------------------------------------------------------------------ */

static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    struct broken *b = ctx;

    switch ((int)b->how) {
    case LOCK_REFUSES:
        return FERRY_E_FLASH;
    case LOCK_DOES_NOTHING:
        return 0;
    case LOCKS_TOO_MUCH:
        b->kept->locked = addr + len + unit(b);
        return 0;
    case LOCKS_ERASE_ONLY:
    case LOCKS_FOR_EVER:
    case FORGETS_AT_RESET: /* its lock is as good as its cells */
        b->kept->locked = addr + len;
        return 0;
    default:
        return good(b)->lock(good(b)->ctx, addr, len);
    }
}

void broken_flash(struct broken *b, struct ferry_port_selftest *bad)
{
    b->flash = *good(b);
    b->flash.ctx = b;
    b->flash.erase = erase;
    b->flash.write = write;
    b->flash.read = read;
    b->flash.lock = good(b)->lock != NULL ? lock : NULL;
    if (b->how == WRONG_GEOMETRY) {
        b->flash.erase_unit = 1000;
    }
    b->cached = b->how == FORGETS_AT_RESET;
    bad->flash = &b->flash;
}
