/* SPDX-License-Identifier: Apache-2.0
 *
 * Resets. This board has no register that names their cause, so the port leaves a word in
 * RAM that a reset leaves alone: before its own reset, and in the NMI by which the
 * watchdog announces its. No word: a fault that nobody announced. Ran on QEMU only, whose
 * watchdog stops with every reset; the bootloader arms it anew in each trial. */
#include "mps2.h"
#include "port.h"
#include "regs.h"

#define KEPT __attribute__((section(".kept"), used))
#define MAGIC 0x4D505332UL /* whoever finds it knows that RAM was kept */
#define ENABLED 3U         /* the watchdog's interrupt, and its reset */

enum cause { POWER, SOFT, WATCHDOG, OTHER };

KEPT struct ferry_handoff port_handoff;
KEPT struct ferry_port_selftest_kept port_selftest_kept;
KEPT static volatile struct {
    uint32_t magic, cause;
} word;

void mps2_on_nmi(void)
{
    word.cause = WATCHDOG;
    for (;;) { /* until its second end, which is the reset */
    }
}

uint32_t port_reset_cause(void)
{
    uint32_t cause = word.magic != MAGIC ? POWER : word.cause;

    word.magic = MAGIC;
    word.cause = OTHER;
    return cause;
}

enum ferry_reset port_reset_class(uint32_t cause)
{
    switch (cause) {
    case POWER:
        return FERRY_RESET_POWER;
    case SOFT:
        return FERRY_RESET_SOFT;
    default:
        return FERRY_RESET_FAULT;
    }
}

void port_reset(void)
{
    word.cause = SOFT;
    __asm__ volatile("dsb" ::: "memory");
    mps2_set(AIRCR, AIRCR_SYSRESETREQ);
    for (;;) {
    }
}

/* Half of the period until the NMI, half until the reset. */
int port_arm_watchdog(void *ctx)
{
    (void)ctx;
    mps2_set(WATCHDOG_LOCK, WATCHDOG_UNLOCKED);
    mps2_set(WATCHDOG_LOAD, MPS2_HZ / 1000U * PORT_WATCHDOG_MS / 2U);
    mps2_set(WATCHDOG_CTRL, ENABLED);
    mps2_set(WATCHDOG_LOCK, 0);
    return 0;
}

void port_feed_watchdog(void *ctx)
{
    (void)ctx;
    mps2_set(WATCHDOG_LOCK, WATCHDOG_UNLOCKED);
    mps2_set(WATCHDOG_INTCLR, 1);
    mps2_set(WATCHDOG_LOCK, 0);
}

const uint8_t *port_identity(void)
{
    return (const uint8_t *)IDENTITY_ADDR;
}

void port_jump(uint32_t addr)
{
    uint32_t stack = mps2_get(addr), start = mps2_get(addr + 4U);

    mps2_set(SYSTICK_CTRL, 0);
    mps2_set(VTOR, addr);
    __asm__ volatile("dsb\n\tisb\n\tmsr msp, %0\n\tbx %1"
                     :
                     : "r"(stack), "r"(start)
                     : "memory");
    __builtin_unreachable();
}

void port_halt(int err)
{
    port_handoff.halt = (uint8_t)-err;
    mps2_say("halt ", ferry_errname(err));
    mps2_exit(1);
}
