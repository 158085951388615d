/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 1 of docs/PORTING.md: how this chip erases, programs and reads. Knows nothing of
 * images. As it stands it refuses everything. */
#include "port.h"

/* Blocks? It may, for as long as an erase takes; or it returns FERRY_PENDING, and the
 *   main loop calls ferry_device_done() later; or FERRY_MORE after a slice of some ms.
 *   In the bootloader it has to end before it returns.
 * Memory: none.
 * Sizes: one erase unit; `addr` is a multiple of it.
 * Repeats: after FERRY_MORE the same addr comes again, and so does a unit that is blank.
 * 0: it is erased. Do not look; Ferry reads all of it back. */
static int erase(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    return FERRY_E_FLASH; /* FIXME: erase one unit */
}

/* Blocks? It may; or it returns FERRY_PENDING. No retry inside that hides what happened.
 * Memory: `buf` is 4-aligned, and yours until this ended; not a moment longer.
 * Sizes: whole write units, `addr` and `len`; 512 bytes at most.
 * Repeats: no unit is programmed twice between two erases, but for one that reads blank
 *   after a cut, and then with the same bytes; that may be refused.
 * 0: it is programmed. Ferry reads it back. */
static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return FERRY_E_FLASH; /* FIXME: program `len` bytes */
}

/* Blocks? Yes: it is memory, or as good as.
 * Memory: `buf` is Ferry's, at any alignment; not a byte beside it.
 * Sizes: any, from any address, across units, too.
 * Repeats: any time, and it tells what the cells say now: no cache in between.
 * 0: all bytes are there. */
static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return FERRY_E_FLASH; /* FIXME: memcpy, where flash is memory */
}

/* Blocks? Briefly. Only the bootloader calls it, last of all.
 * Memory: none.
 * Sizes: whole erase units, several at once.
 * Repeats: locking twice is allowed.
 * 0: until the next reset nothing erases or writes these bytes. Negative: not; the boot
 *   goes on, and says so in the hand-off block. */
static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)len;
    return FERRY_E_FLASH; /* FIXME: lock; or leave `.lock` NULL where the part cannot */
}

/* Blocks? No.  Memory: none.  Sizes: none.
 * Repeats: before each erase and each commit, then once a second until it says yes.
 * false: not now, the supply is too low. */
static bool power_ok(void *ctx)
{
    (void)ctx;
    return true; /* FIXME: measure; or leave `.power_ok` NULL */
}

static const struct ferry_flash flash = {
    .erase_unit = 4096, /* FIXME */
    .write_unit = 4,    /* FIXME */
    .erased = 0xFF,     /* FIXME */
    .erase = erase,
    .write = write,
    .read = read,
    .lock = lock,
    .power_ok = power_ok,
};

const struct ferry_flash *port_flash(void)
{
    return &flash;
}

/* Of crypto.c's calls, too. False: nothing has ended since it was last asked. */
bool port_ended(void *ctx, int *status)
{
    (void)ctx;
    (void)status;
    return false; /* FIXME: only where something returns FERRY_PENDING */
}
