/* Not Zephyr's: this project's own declarations, for builds without Zephyr's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The little of Zephyr's flash map that zephyr_flash.c uses, members it does not touch
 * left out. It is enough to compile, and for tests, which bring functions of these names;
 * a firmware is compiled with ../sdk in the include path instead. Nothing but reading
 * holds this file to Zephyr. */
#ifndef FERRY_ZEPHYR_FLASH_API_H
#define FERRY_ZEPHYR_FLASH_API_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h> /* off_t, as Zephyr's */

struct flash_area {
    off_t fa_off;
    size_t fa_size;
};

int flash_area_erase(const struct flash_area *fa, off_t off, size_t len);
int flash_area_write(const struct flash_area *fa, off_t off, const void *from,
                     size_t len);
int flash_area_read(const struct flash_area *fa, off_t off, void *to, size_t len);
uint32_t flash_area_align(const struct flash_area *fa);
uint8_t flash_area_erased_val(const struct flash_area *fa);

#endif
