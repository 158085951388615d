/* SPDX-License-Identifier: Apache-2.0
 *
 * The programmer on the production line: puts a factory's image, raw from address 0, on
 * a new board's flash. Knows the part's geometry, of which another may have more; does not
 * know what the bytes mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "flash_file.h"
#include "layout.h"

#define SIZE_MAX_BYTES (1U << 20)

static int fail(const char *path, const char *why)
{
    fprintf(stderr, "burn: %s: %s\n", path, why);
    return 1;
}

static bool blank(const uint8_t *unit)
{
    for (unsigned i = 0; i < LAYOUT_WRITE_UNIT; i++) {
        if (unit[i] != LAYOUT_ERASED) {
            return false;
        }
    }
    return true;
}

/* What is blank stays writable. */
static int program(const struct ferry_flash *flash, const uint8_t *image, uint32_t size)
{
    for (uint32_t at = 0; at < size; at += LAYOUT_WRITE_UNIT) {
        if (!blank(image + at) &&
            flash->write(flash->ctx, at, image + at, LAYOUT_WRITE_UNIT) != 0) {
            return -1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct ferry_flash_geometry geometry = {LAYOUT_FLASH_SIZE, LAYOUT_ERASE_UNIT,
                                            LAYOUT_WRITE_UNIT, LAYOUT_ERASED};
    static _Alignas(4) uint8_t image[SIZE_MAX_BYTES];
    struct ferry_flash_file file;
    size_t len;

    if (argc == 4) {
        geometry.size = (uint32_t)strtoul(argv[3], NULL, 0);
    }
    if (argc < 3 || argc > 4 || geometry.size > SIZE_MAX_BYTES) {
        fprintf(stderr, "usage: burn FACTORY.bin NEW-FLASH [BYTES]\n");
        return 2;
    }
    memset(image, LAYOUT_ERASED, sizeof image);
    if (ferry_file_load(argv[1], image, geometry.size, &len) != 0) {
        return fail(argv[1], "cannot be read, or is larger than the flash");
    }
    if (ferry_flash_file_open(&file, argv[2], &geometry, true) != 0) {
        return fail(argv[2], file.why);
    }
    struct ferry_flash flash = ferry_flash_file_hal(&file);
    int err = program(&flash, image, geometry.size);
    ferry_flash_file_close(&file);
    return err != 0 ? fail(argv[2], "is not blank") : 0;
}
