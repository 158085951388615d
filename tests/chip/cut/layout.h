/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things lie in the flash of the chip whose power is cut, in what makes it and in
 * what runs on it. Small, so that a start is short. Does not know where code lies: all
 * of it is below LAYOUT_BASE, but for the images in the banks. */
#ifndef CUT_LAYOUT_H
#define CUT_LAYOUT_H

#define LAYOUT_ERASE_UNIT 0x400U

#define LAYOUT_BASE 0x40000U /* from here on: */
#define LAYOUT_BANK_LEN 0x1000U
#define LAYOUT_HEADER_LEN 0x400U
#define LAYOUT_BANK(i) (LAYOUT_BASE + LAYOUT_BANK_LEN * (i))
#define LAYOUT_LINK(i) (LAYOUT_BANK(i) + LAYOUT_HEADER_LEN)
#define LAYOUT_BOOT_JOURNAL (LAYOUT_BANK(2) + 0x000U)
#define LAYOUT_APP_JOURNAL (LAYOUT_BANK(2) + 0x800U)
#define LAYOUT_IDENTITY (LAYOUT_BANK(2) + 0x1000U)
/* In RAM: where the fixed part leaves the address that images go on at. */
#define LAYOUT_SERVE 0x2000FF00

/* For planted bugs only: where a careless design keeps what boots. */
#define LAYOUT_POINTER (LAYOUT_BANK(2) + 0x1400U)
#define LAYOUT_END (LAYOUT_BANK(2) + 0x1800U)

#endif
