/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the faults by name, and how crypto, clocks, resets and watchdogs go wrong. */
#include "broken.h"

#include <string.h>

#define MAGIC 0x4E4B5242UL /* "BRKN" */

static const struct {
    const char *name, *named_by;
} rows[BROKEN_END] = {
    [WELL] = {"good port", NULL},
    [WELL_LATER] = {"good port, every call pending", NULL},
    [WELL_SLICED] = {"good port, erase in slices", NULL},
    [WRONG_GEOMETRY] = {"erase unit of 1000 bytes",
                        "flash: geometry, and scratch begins an erase unit"},
    [ENDS_NEVER] = {"done() is never told",
                    "flash: every call ends, at once, in slices or by done()"},
    [SLICES_NEVER_END] = {"erase answers MORE for ever",
                          "flash: every call ends, at once, in slices or by done()"},
    [ERASES_TOO_LITTLE] = {"erase leaves the last word",
                           "flash: an erased unit reads erased, all of it"},
    [ERASES_ONCE] = {"erase of an erased unit fails",
                     "flash: an erased unit can be erased again"},
    [ERASES_NEXT_TOO] = {"erase takes the next unit along",
                         "flash: erasing a unit leaves the units beside it alone"},
    [ERASE_FORGETS_ITS_PLACE] =
        {"writes are lost between slices",
         "flash: between slices of an erase others are written"},
    [WRITES_TOO_LITTLE] = {"write leaves out the last word",
                           "flash: a write unit is programmed as it is in the buffer"},
    [WRITES_ROWS] = {"write fills a row of 32 bytes",
                     "flash: no other write unit is touched"},
    [WRITES_WITHIN_A_PAGE] = {"write wraps in a page of 256 bytes",
                              "flash: writes of every length up to 512 bytes"},
    [READS_WORDS] = {"read begins at a word",
                     "flash: a read may begin anywhere and have any length"},
    [READS_TOO_MUCH] = {"read ends with a word",
                        "flash: a read writes no byte beside its buffer"},
    [READS_WITHIN_A_UNIT] = {"read stays in its unit",
                             "flash: a read may go across units"},
    [READS_BUFFER_LATE] = {"write reads its buffer after it ended",
                           "flash: a write unit is programmed as it is in the buffer"},
    [DONE_TWICE] = {"done() is told twice",
                    "flash: done() is told once for each pending call"},
    [FORGETS_AT_RESET] = {"flash is a cache",
                          "flash: what was written is there after a reset"},
    [LOCK_REFUSES] = {"lock fails", "lock: a lock can be set"},
    [LOCK_DOES_NOTHING] = {"lock locks nothing", "lock: a locked unit is not erased"},
    [LOCKS_ERASE_ONLY] = {"lock lets writes through",
                          "lock: a locked unit is not programmed"},
    [LOCKS_TOO_MUCH] = {"lock takes the next unit along",
                        "lock: the unit beside it is not locked"},
    [LOCKS_FOR_EVER] = {"lock outlives the reset", "lock: a reset takes it back"},
    [SHA_BYTE_ORDER] = {"SHA-256 in the wrong byte order",
                        "SHA-256: the standard's examples"},
    [SHA_GOES_ON] = {"SHA-256 goes on with what was given up",
                     "SHA-256: init starts over after a hash that was given up"},
    [SHA_WANTS_ALIGNMENT] =
        {"SHA-256 reads whole words",
         "SHA-256: pieces of any length and alignment hash as the whole"},
    [VERIFIES_EVERYTHING] =
        {"verify says yes",
         "Ed25519: signature, message or key with a bit changed is not"},
    [VERIFIES_NOTHING] = {"verify says no",
                          "Ed25519: the standard's signature is FERRY_VALID"},
    [RETURNS_ONE_FOR_VALID] = {"verify returns 1",
                               "Ed25519: the standard's signature is FERRY_VALID"},
    [TAKES_ANY_SLOT] = {"verify ignores the slot's algorithm",
                        "Ed25519: a slot without an Ed25519 key refuses"},
    [SIGNS_WITH_ANOTHER_KEY] = {"sign uses another key",
                                "Ed25519: what sign made holds under the device's key"},
    [CLOCK_STANDS] = {"clock stands", "clock: it does not stand"},
    [CLOCK_GOES_BACK] = {"clock goes back", "clock: it goes forward, without leaps"},
    [CLOCK_TOO_FAST] = {"clock counts twice as fast",
                        "clock: a millisecond is one by another clock"},
    [CLOCK_WRAPS_EARLY] = {"clock has 24 bits", "clock: it wraps at 2^32, not before"},
    [RAM_IS_CLEARED] = {"startup clears the hand-off's section",
                        "RAM: the hand-off's section comes through a reset"},
    [SOFT_IS_POWER] = {"every reset is a power-on",
                       "reset: one by software is FERRY_RESET_SOFT"},
    [WATCHDOG_SLEEPS] = {"watchdog never starts",
                         "watchdog: it resets the chip if it is not fed"},
    [WATCHDOG_IS_SOFT] = {"watchdog's reset is SOFT",
                          "watchdog: its reset is FERRY_RESET_FAULT"},
    [CAUSES_ADD_UP] = {"reset cause is never cleared",
                       "reset: a cause that was read does not come again"},
};

const char *broken_name(enum broken_how how)
{
    return rows[how].name;
}

const char *broken_named_by(enum broken_how how)
{
    return rows[how].named_by;
}

/* Callbacks with the good port's ctx find the fault here. */
static struct broken *at_work;

/* ---- calls that are pending ------------------------------------------------------- */

static bool is_later(const struct broken *b)
{
    return b->how == WELL_LATER || b->how == ENDS_NEVER || b->how == DONE_TWICE;
}

int broken_answer(struct broken *b, int status)
{
    if (!is_later(b)) {
        return status;
    }
    b->owing = b->how == ENDS_NEVER ? 0 : b->how == DONE_TWICE ? 2 : 1;
    b->owed[0] = b->owed[1] = status;
    return FERRY_PENDING;
}

static bool ended(void *ctx, int *status)
{
    struct broken *b = at_work;

    (void)ctx;
    if (b->owing == 0) {
        return false;
    }
    *status = b->owed[--b->owing];
    return true;
}

/* ---- crypto ---------------------------------------------------------------------- */

static const struct ferry_crypto *backend(void)
{
    return at_work->good->crypto;
}

static void sha256_init(void *ctx)
{
    if (at_work->how != SHA_GOES_ON || !at_work->hashing) {
        backend()->sha256_init(ctx);
    }
    at_work->hashing = true;
}

static void sha256_update(void *ctx, const void *p, size_t len)
{
    uintptr_t at = (uintptr_t)p;

    if (at_work->how == SHA_WANTS_ALIGNMENT && len > 130) {
        at &= ~(uintptr_t)3;
    }
    backend()->sha256_update(ctx, (const void *)at, len);
}

static void sha256_final(void *ctx, uint8_t out[32])
{
    backend()->sha256_final(ctx, out);
    at_work->hashing = false;
    for (unsigned i = 0; at_work->how == SHA_BYTE_ORDER && i < 32; i += 4) {
        uint8_t first = out[i], second = out[i + 1];
        out[i] = out[i + 3];
        out[i + 1] = out[i + 2];
        out[i + 2] = second;
        out[i + 3] = first;
    }
}

static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    struct ferry_key any = *key;

    if (at_work->how == TAKES_ANY_SLOT) {
        any.alg = FERRY_ALG_ED25519;
    }
    int result = backend()->verify(ctx, slot, &any, msg, msg_len, sig);
    if (at_work->how == VERIFIES_EVERYTHING) {
        result = FERRY_VALID;
    } else if (at_work->how == VERIFIES_NOTHING) {
        result = FERRY_E_SIG;
    } else if (at_work->how == RETURNS_ONE_FOR_VALID) {
        result = result == FERRY_VALID;
    }
    return broken_answer(at_work, result);
}

static int sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64])
{
    int result = backend()->sign(ctx, msg, msg_len, sig);

    sig[40] ^= at_work->how == SIGNS_WITH_ANOTHER_KEY ? 0x04 : 0;
    return broken_answer(at_work, result);
}

/* ---- clock, resets, watchdog ----------------------------------------------------- */

static uint32_t millis(void *ctx)
{
    uint32_t ms = at_work->good->millis(ctx);

    switch ((int)at_work->how) {
    case CLOCK_STANDS:
        return 4711;
    case CLOCK_GOES_BACK: /* a carry that is read too late: 256 ms too little */
        return ms - (at_work->looks++ % 100 == 99 ? 256 : 0);
    case CLOCK_TOO_FAST:
        return ms * 2;
    case CLOCK_WRAPS_EARLY:
        return ms & 0xFFFFFF;
    default:
        return ms;
    }
}

static int arm_watchdog(void *ctx)
{
    if (at_work->how == WATCHDOG_SLEEPS) {
        return 0;
    }
    at_work->kept->watchdog_bit = 1;
    return at_work->good->arm_watchdog(ctx);
}

static enum ferry_reset reset_class(const struct broken *b)
{
    enum ferry_reset reset = b->good->reset;

    if (b->how == SOFT_IS_POWER) {
        return FERRY_RESET_POWER;
    }
    if (b->how == WATCHDOG_IS_SOFT && reset == FERRY_RESET_FAULT) {
        return FERRY_RESET_SOFT;
    }
    if (b->how == CAUSES_ADD_UP && b->kept->watchdog_bit != 0) {
        return FERRY_RESET_FAULT;
    }
    return reset;
}

void broken_make(struct broken *b, enum broken_how how, struct broken_kept *kept,
                 const struct ferry_port_selftest *good,
                 struct ferry_port_selftest *bad)
{
    memset(b, 0, sizeof *b);
    b->how = how;
    b->good = good;
    b->kept = kept;
    at_work = b;
    if (kept->magic != MAGIC) {
        *kept = (struct broken_kept){.magic = MAGIC};
    }
    if (how != LOCKS_FOR_EVER) {
        kept->locked = 0;
    }
    if (how != CAUSES_ADD_UP) {
        kept->watchdog_bit = 0;
    }
    if (how == RAM_IS_CLEARED) {
        memset(good->kept, 0, sizeof *good->kept);
    }
    *bad = *good;
    broken_flash(b, bad);
    bad->ended = is_later(b) ? ended : NULL;
    b->crypto = *good->crypto;
    b->crypto.sha256_init = sha256_init;
    b->crypto.sha256_update = sha256_update;
    b->crypto.sha256_final = sha256_final;
    b->crypto.verify = verify;
    b->crypto.sign = good->crypto->sign != NULL ? sign : NULL;
    bad->crypto = &b->crypto;
    bad->millis = millis;
    bad->arm_watchdog = good->arm_watchdog != NULL ? arm_watchdog : NULL;
    bad->reset = reset_class(b);
}
