/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 5 of docs/PORTING.md: why the chip was reset, how to reset it, what comes through
 * a reset, and the watchdog. Knows nothing of images. */
#include "port.h"

/* FIXME: in a linker section of its own, at the same address in the bootloader and both
 * images, that neither startup code clears nor a stack reaches. */
struct ferry_handoff port_handoff;
struct ferry_port_selftest_kept port_selftest_kept; /* FIXME: beside it */

/* Copy the register, then clear it: on many parts it adds up. */
uint32_t port_reset_cause(void)
{
    return 0; /* FIXME */
}

/* Where several bits are set the first of these counts: watchdog, lockup, pin: FAULT;
 * by software: SOFT; out of a sleep mode: WAKE; power-on, brown-out, nothing: POWER. */
enum ferry_reset port_reset_class(uint32_t cause)
{
    (void)cause;
    return FERRY_RESET_POWER; /* FIXME */
}

void port_reset(void)
{
    for (;;) { /* FIXME: by software, and RAM stays as it is */
    }
}

/* Blocks? Briefly. Repeats: at each start of a trial. 0: it runs, nobody can stop it, and
 * a reset by software does not either (where it does, the bootloader arms it anew). */
int port_arm_watchdog(void *ctx)
{
    (void)ctx;
    return FERRY_E_STATE; /* FIXME: PORT_WATCHDOG_MS; or say FERRY_TRIAL_UNGUARDED */
}

/* Harmless where it does not run. */
void port_feed_watchdog(void *ctx)
{
    (void)ctx; /* FIXME */
}

const uint8_t *port_identity(void)
{
    static const uint8_t nobody[FERRY_IDENTITY_LEN];
    return nobody; /* FIXME: its address in flash */
}

/* Vector table, stack pointer, reset handler; no interrupt and no peripheral of the
 * bootloader's may be at work. */
void port_jump(uint32_t addr)
{
    (void)addr; /* FIXME */
    for (;;) {
    }
}

void port_halt(int err)
{
    port_handoff.halt = (uint8_t)-err;
    for (;;) { /* FIXME: blink it; or start a recovery */
    }
}
