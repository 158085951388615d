/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 3 of docs/PORTING.md: milliseconds. Knows a timer that runs on while the CPU
 * sleeps, and how to sleep. As it stands, time stands, too. */
#include "port.h"

void port_clock_start(void)
{
    /* FIXME */
}

/* It goes through all 32 bits and wraps to 0: not a counter of 24 bits, and not cycles
 * divided by a thousand of them, which leaps when the cycles wrap. */
uint32_t port_millis(void *ctx)
{
    (void)ctx;
    return 0; /* FIXME */
}

/* Of any other timer, so that the self-test can tell a millisecond by it. */
uint32_t port_micros(void *ctx)
{
    (void)ctx;
    return 0; /* FIXME */
}

/* So that the self-test sees it wrap without waiting for seven weeks. */
void port_set_millis(void *ctx, uint32_t ms)
{
    (void)ctx;
    (void)ms; /* FIXME: go on from there */
}

/* Until an interrupt: a value that came, a link that takes one again, or the time. */
void port_sleep(uint32_t ms)
{
    (void)ms; /* FIXME: or return at once */
}
