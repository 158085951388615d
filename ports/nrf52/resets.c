/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what RESETREAS means (product specifications of nRF52840 1.1 and nRF52832 1.4,
 * POWER; the latter has no VBUS). Does not know how to read it.
 * Ran on QEMU's nRF51 model only, which has no such register (model/cause.c). */
#include "resets.h"

enum {
    RESETPIN = 1U << 0,
    DOG = 1U << 1,
    SREQ = 1U << 2,
    LOCKUP = 1U << 3,
    OFF = 1U << 16,    /* woken from System OFF by DETECT, */
    LPCOMP = 1U << 17, /* by the comparator, */
    DIF = 1U << 18,    /* by the debugger, */
    NFC = 1U << 19,    /* by a field, */
    VBUS = 1U << 20    /* by USB power */
};

enum ferry_reset nrf52_reset_class(uint32_t cause)
{
    if ((cause & (RESETPIN | DOG | LOCKUP)) != 0) {
        return FERRY_RESET_FAULT;
    }
    if ((cause & SREQ) != 0) {
        return FERRY_RESET_SOFT;
    }
    if ((cause & (OFF | LPCOMP | DIF | NFC | VBUS)) != 0) {
        return FERRY_RESET_WAKE;
    }
    return FERRY_RESET_POWER;
}
