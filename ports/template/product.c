/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 6 of docs/PORTING.md: what only the product knows: where its things lie, when it may
 * be disturbed, whether it works, how it shows anything. Knows no driver. */
#include "port.h"

/* ---- places ---------------------------------------------------------------------- */

/* Three erase units that nobody needs while check.c runs: of a bank, for example. */
const uint32_t port_scratch = 0x00000000U; /* FIXME */

/* What the bootloader locks beside its journal and the bank that runs: itself, the
 * identity block, a radio stack outside the banks. */
const struct ferry_area port_locks[] = {{0x00000000U, 4096U}}; /* FIXME */
const uint8_t port_locks_len = sizeof port_locks / sizeof *port_locks;

/* ---- consent --------------------------------------------------------------------- */

/* Blocks? No.  Memory: `m` for the length of this call.
 * Repeats: at each offer, and when a transfer is resumed.
 * false: later, and `later` says when and why. */
bool port_may_begin(void *ctx, const struct ferry_manifest *m,
                    struct ferry_later *later)
{
    (void)ctx;
    (void)m;
    (void)later; /* FIXME: not while it is used; not with an empty battery */
    return true;
}

/* Blocks? No.  Repeats: once a second after a commit.  false: later. */
bool port_may_reboot(void *ctx)
{
    (void)ctx;
    return true; /* FIXME: when nobody needs it */
}

/* Blocks? No; and it calls no verb of the session. */
void port_told(enum ferry_event event, int err)
{
    (void)event; /* FIXME: tell the user, if there is a way to */
    (void)err;
}

/* ---- the product ----------------------------------------------------------------- */

/* Whatever a bad image could break. Once a start; no image is confirmed without it. */
bool port_product_works(void)
{
    return true; /* FIXME */
}

/* Something that differs from start to start, if there is: noise, a counter. */
uint16_t port_session_seed(void)
{
    return 1; /* FIXME */
}

/* ---- what check.c found ---------------------------------------------------------- */

void port_checked(void *ctx, const char *check, enum ferry_port_verdict verdict)
{
    (void)ctx;
    (void)check; /* FIXME: a line on a console, or in a buffer for a debugger */
    (void)verdict;
}

/* 0: go on with the product. */
void port_verdict(int failed)
{
    (void)failed; /* FIXME: a line, a LED, a breakpoint */
}
