/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things lie in the flash of the chip whose power is cut, for what makes it and
 * for what runs on it. Small, so that a start is short. Does not know the program
 * below: it is the example's bootloader, and looks for the identity block where this
 * begins. */
#ifndef CUT_PLACES_H
#define CUT_PLACES_H

#define CUT_ERASE_UNIT 0x400U

#define CUT_BASE 0x10000U
#define CUT_IDENTITY CUT_BASE
#define CUT_BOOT_JOURNAL (CUT_BASE + 0x400U)
#define CUT_APP_JOURNAL (CUT_BASE + 0xC00U)
#define CUT_POINTER (CUT_BASE + 0x1400U) /* chip/careless.c keeps there what boots */
#define CUT_BANK_LEN 0x1000U
#define CUT_HEADER_LEN 0x400U
#define CUT_BANK(i) (CUT_BASE + 0x2000U + CUT_BANK_LEN * (i))
#define CUT_LINK(i) (CUT_BANK(i) + CUT_HEADER_LEN)
#define CUT_END CUT_BANK(2)

#endif
