/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things lie in this board's flash, and where the programs of a bank are linked.
 * Only the flash's geometry and the identity block's address are known by heart; all
 * else is read from that block (`ferry factory` puts it there). meson.build repeats
 * the two link addresses, and an image that stands elsewhere refuses to run. */
#ifndef FERRY_BOARD_LAYOUT_H
#define FERRY_BOARD_LAYOUT_H

#define LAYOUT_FLASH_SIZE 0x40000U
#define LAYOUT_ERASE_UNIT 4096U
#define LAYOUT_WRITE_UNIT 4U
#define LAYOUT_ERASED 0xFFU
#define LAYOUT_ERASE_MS 85U /* nRF52840: of one erase unit */
#define LAYOUT_WORD_US 41U  /* and of one word */

#define LAYOUT_IDENTITY 0x00000U

/* The process's address space is where the flash would be mapped: a bank's image stands
 * at base + bank + header. */
#define LAYOUT_BASE 0x10000000U

#endif
