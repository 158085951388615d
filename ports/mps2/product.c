/* SPDX-License-Identifier: Apache-2.0
 *
 * The product: a board in an emulator that may be disturbed at any time and shows what it
 * has to show by semihosting. Ran on QEMU only. */
#include "mps2.h"
#include "port.h"
#include "regs.h"

const uint32_t port_scratch = SCRATCH_ADDR;
const struct ferry_area port_locks[] = {{IDENTITY_ADDR, FLASH_UNIT}};
const uint8_t port_locks_len = sizeof port_locks / sizeof *port_locks;

bool port_may_begin(void *ctx, const struct ferry_manifest *m,
                    struct ferry_later *later)
{
    (void)ctx;
    (void)m;
    (void)later;
    return true;
}

bool port_may_reboot(void *ctx)
{
    (void)ctx;
    return true;
}

void port_told(enum ferry_event event, int err)
{
    static const char *const names[] = {"none",    "begin",    "resume",   "block",
                                        "refused", "transfer", "security", "committed",
                                        "reboot",  "hello",    "reported"};

    if (event != FERRY_EVENT_BLOCK) {
        mps2_say("event ", names[event]);
    }
    if (err != 0) {
        mps2_say("because ", ferry_errname(err));
    }
}

bool port_product_works(void)
{
    return true;
}

/* The clock stands at the same value in every start; the timer need not. */
uint16_t port_session_seed(void)
{
    return (uint16_t)mps2_get(TIMER0_VALUE);
}

void port_checked(void *ctx, const char *check, enum ferry_port_verdict verdict)
{
    static const char *const words[] = {"ok       ", "NOT OK   ", "skipped  "};

    (void)ctx;
    mps2_say(words[verdict], check);
}

void port_verdict(int failed)
{
    mps2_exit(failed == 0 ? 0 : 1);
}
