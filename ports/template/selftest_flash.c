/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what ferry/hal.h promises of flash, and tries it on three erase units, a, b and c.
 * Does not know which part this is, nor how long an erase takes. */
#include "selftest_in.h"

#define GUARD 0x6BU        /* no value that flash is full of */
#define SLICES_MAX 100000U /* of one erase: no part cuts it into more */

/* ---- using it -------------------------------------------------------------------- */

static int erase_slice(struct selftest *s, uint32_t addr)
{
    const struct ferry_flash *f = s->t->flash;
    return selftest_ended(s, f->erase(f->ctx, addr));
}

bool selftest_erase(struct selftest *s, uint32_t addr)
{
    int status = FERRY_MORE;

    for (uint32_t i = 0; status == FERRY_MORE && i < SLICES_MAX; i++) {
        status = erase_slice(s, addr);
    }
    s->late = s->late || status == FERRY_MORE;
    return status == 0;
}

/* Never what an erased byte reads as. */
static uint8_t pattern(uint32_t addr)
{
    uint8_t p = (uint8_t)(addr * 37U + (addr >> 8) * 11U + 5U);
    return p == 0x00 || p == 0xFF ? 0x5A : p;
}

bool selftest_program(struct selftest *s, uint32_t addr, uint32_t len)
{
    const struct ferry_flash *f = s->t->flash;
    uint8_t *bytes = (uint8_t *)s->buf;

    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = pattern(addr + i);
    }
    int status = selftest_ended(s, f->write(f->ctx, addr, s->buf, len));
    for (uint32_t i = 0; i < len; i++) { /* whoever still reads it programs this */
        bytes[i] = (uint8_t)~pattern(addr + i);
    }
    return status == 0;
}

/* One read into a buffer that begins at `shift`, with guards around it. */
static bool reads(struct selftest *s, uint32_t addr, uint32_t len, unsigned shift,
                  bool erased)
{
    const struct ferry_flash *f = s->t->flash;
    uint32_t room[20];
    uint8_t *got = (uint8_t *)room;
    bool right = true;

    for (unsigned i = 0; i < sizeof room; i++) {
        got[i] = GUARD;
    }
    if (f->read(f->ctx, addr, got + shift, len) != 0) {
        return false;
    }
    for (unsigned i = 0; i < sizeof room; i++) {
        if (i < shift || i >= shift + len) {
            s->overrun = s->overrun || got[i] != GUARD;
        } else {
            uint32_t at = addr + i - shift;
            right = right && got[i] == (erased ? f->erased : pattern(at));
        }
    }
    return right;
}

static bool all_read(struct selftest *s, uint32_t addr, uint32_t len, bool erased)
{
    uint32_t n;

    for (uint32_t at = 0; at < len; at += n) {
        n = len - at < 64 ? len - at : 64;
        if (!reads(s, addr + at, n, 0, erased)) {
            return false;
        }
    }
    return true;
}

bool selftest_blank(struct selftest *s, uint32_t addr, uint32_t len)
{
    return all_read(s, addr, len, true);
}

bool selftest_holds(struct selftest *s, uint32_t addr, uint32_t len)
{
    return all_read(s, addr, len, false);
}

/* ---- trying it ------------------------------------------------------------------- */

static bool geometry_is_right(const struct ferry_flash *f, uint32_t scratch)
{
    uint32_t e = f->erase_unit, w = f->write_unit;

    return e >= 512 && e <= 131072 && (e & (e - 1)) == 0 && w >= 1 && w <= 32 &&
           (w & (w - 1)) == 0 && (f->erased == 0xFF || f->erased == 0x00) &&
           scratch % e == 0;
}

/* Everything else waits for the end of calls: so this comes first. */
static bool answers(struct selftest *s, uint32_t a)
{
    (void)selftest_erase(s, a);
    if (!s->late) {
        (void)selftest_program(s, a, SELFTEST_PIECE);
    }
    selftest_check(s, "flash: every call ends, at once, in slices or by done()",
                   !s->late);
    return !s->late;
}

static void check_erase(struct selftest *s, uint32_t a, uint32_t unit)
{
    selftest_check(s, "flash: an erase succeeds",
                   selftest_erase(s, a) && selftest_erase(s, a + unit) &&
                       selftest_erase(s, a + 2 * unit));
    selftest_check(s, "flash: an erased unit reads erased, all of it",
                   selftest_blank(s, a, 3 * unit));
    selftest_check(s, "flash: an erased unit can be erased again",
                   selftest_erase(s, a) && selftest_blank(s, a, unit));
}

static void check_words(struct selftest *s, uint32_t a, uint32_t unit)
{
    uint32_t w = s->t->flash->write_unit;

    selftest_check(s, "flash: a write unit is programmed as it is in the buffer",
                   selftest_program(s, a + w, w) && selftest_holds(s, a + w, w));
    selftest_check(s, "flash: no other write unit is touched",
                   selftest_blank(s, a, w) &&
                       selftest_blank(s, a + 2 * w, unit - 2 * w));
    selftest_check(s, "flash: the write unit before it can be programmed later",
                   selftest_program(s, a, w) && selftest_holds(s, a, 2 * w) &&
                       selftest_blank(s, a + 2 * w, unit - 2 * w));
}

/* 64 bytes of a, from every alignment to every alignment. */
static void check_reads(struct selftest *s, uint32_t a)
{
    uint32_t from = a + SELFTEST_PIECE - 64;
    bool right = selftest_program(s, from, 64);

    for (uint32_t len = 1; len <= 33; len++) {
        for (unsigned shift = 0; shift < 8; shift++) {
            right = right && reads(s, from + (len + shift) % 7, len, shift, false);
        }
    }
    selftest_check(s, "flash: a read may begin anywhere and have any length", right);
    selftest_check(s, "flash: a read writes no byte beside its buffer", !s->overrun);
}

/* 1, 2, 3, ... write units, each behind the one before, then pieces of 512 bytes. */
static void check_sizes(struct selftest *s, uint32_t b, uint32_t unit)
{
    uint32_t w = s->t->flash->write_unit, at = 0;
    bool right = true;

    for (uint32_t len = w; at + len <= unit && len <= SELFTEST_PIECE; len += w) {
        right = right && selftest_program(s, b + at, len);
        at += len;
    }
    selftest_check(s, "flash: writes of every length up to 512 bytes",
                   right && selftest_holds(s, b, at) &&
                       selftest_blank(s, b + at, unit - at));
    right = selftest_erase(s, b);
    for (at = 0; at < unit; at += SELFTEST_PIECE) {
        right = right && selftest_program(s, b + at, SELFTEST_PIECE);
    }
    selftest_check(s, "flash: a whole unit in pieces of 512 bytes",
                   right && selftest_holds(s, b, unit));
}

/* What an erase that counts in the wrong units would hit: the unit before, or behind. */
static void check_neighbours(struct selftest *s, uint32_t a, uint32_t unit)
{
    uint32_t b = a + unit, c = b + unit;
    bool full = selftest_erase(s, c) && selftest_erase(s, b) && selftest_erase(s, a);

    full = full && selftest_program(s, b - SELFTEST_PIECE, SELFTEST_PIECE) &&
           selftest_program(s, b, SELFTEST_PIECE) &&
           selftest_program(s, c, SELFTEST_PIECE);
    selftest_check(s, "flash: a read may go across units",
                   full && reads(s, b - 30, 64, 0, false) &&
                       reads(s, b - 1, 2, 1, false));
    selftest_check(s, "flash: erasing a unit leaves the units beside it alone",
                   full && selftest_erase(s, b) && selftest_blank(s, b, unit) &&
                       selftest_holds(s, b - SELFTEST_PIECE, SELFTEST_PIECE) &&
                       selftest_holds(s, c, SELFTEST_PIECE));
}

/* Between the slices of an erase Ferry fills other units. */
static void check_slices(struct selftest *s, uint32_t a, uint32_t unit)
{
    static const char what[] = "flash: between slices of an erase others are written";
    uint32_t b = a + unit;
    bool right = selftest_erase(s, b) && selftest_program(s, a, SELFTEST_PIECE);
    int status = erase_slice(s, a);

    if (status != FERRY_MORE) {
        selftest_skip(s, what);
        return;
    }
    right = right && selftest_program(s, b, SELFTEST_PIECE);
    right = right && selftest_holds(s, b, SELFTEST_PIECE);
    selftest_check(s, what,
                   selftest_erase(s, a) && right && selftest_blank(s, a, unit) &&
                       selftest_holds(s, b, SELFTEST_PIECE));
}

static void check_done(struct selftest *s)
{
    static const char what[] = "flash: done() is told once for each pending call";

    if (s->t->ended == NULL) {
        selftest_skip(s, what);
    } else {
        selftest_check(s, what, !s->done_twice);
    }
}

bool selftest_flash(struct selftest *s)
{
    uint32_t a = s->t->scratch, unit = s->t->flash->erase_unit;

    bool usable = geometry_is_right(s->t->flash, a);
    selftest_check(s, "flash: geometry, and scratch begins an erase unit", usable);
    if (!usable || !answers(s, a)) {
        return false;
    }
    check_erase(s, a, unit);
    check_words(s, a, unit);
    check_reads(s, a);
    check_sizes(s, a + unit, unit);
    check_neighbours(s, a, unit);
    check_slices(s, a, unit);
    check_done(s);
    return true;
}

/* ---- locks ----------------------------------------------------------------------- */

/* The last thing before a reset. A call that is refused may say so or not; what counts is
 * what flash holds. */
void selftest_lock(struct selftest *s)
{
    const struct ferry_flash *f = s->t->flash;
    uint32_t a = s->t->scratch, b = a + f->erase_unit, w = f->write_unit;

    if (!s->t->with_lock || f->lock == NULL) {
        selftest_skip(s, "lock: no erase and no write reaches a locked unit");
        return;
    }
    bool ready = selftest_erase(s, a) && selftest_program(s, a, w);
    selftest_check(s, "lock: a lock can be set",
                   f->lock(f->ctx, a, f->erase_unit) == 0);
    (void)selftest_erase(s, a);
    selftest_check(s, "lock: a locked unit is not erased",
                   ready && selftest_holds(s, a, w));
    (void)selftest_program(s, b - w, w);
    selftest_check(s, "lock: a locked unit is not programmed",
                   selftest_blank(s, a + w, f->erase_unit - w));
    selftest_check(s, "lock: the unit beside it is not locked",
                   selftest_erase(s, b) && selftest_program(s, b, w) &&
                       selftest_holds(s, b, w));
    selftest_check(s, "lock: locking twice is allowed",
                   f->lock(f->ctx, a, f->erase_unit) == 0);
}

void selftest_unlocked(struct selftest *s)
{
    uint32_t a = s->t->scratch;

    if (!s->t->with_lock || s->t->flash->lock == NULL) {
        selftest_skip(s, "lock: a reset takes it back");
        return;
    }
    selftest_check(s, "lock: a reset takes it back",
                   selftest_erase(s, a) &&
                       selftest_blank(s, a, s->t->flash->erase_unit));
}
