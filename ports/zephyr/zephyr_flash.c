/* Ran on no hardware; compiled against its own seam only: no package carries Zephyr.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Knows which area an address lies in. Does not know what is in it. */
#include "zephyr_flash.h"

/* The area in which all of these bytes lie, and where in it; NULL: there is none. */
static const struct flash_area *find(const struct ferry_zephyr_flash *f, uint32_t addr,
                                     uint32_t len, off_t *off)
{
    for (unsigned i = 0; f->areas[i] != NULL; i++) {
        const struct flash_area *fa = f->areas[i];
        uint32_t from = (uint32_t)fa->fa_off; /* above addr: the difference is huge */
        if (len <= fa->fa_size && addr - from <= fa->fa_size - len) {
            *off = (off_t)(addr - from);
            return fa;
        }
    }
    return NULL;
}

static int answer(int code)
{
    return code == 0 ? 0 : FERRY_E_FLASH;
}

static int erase(void *ctx, uint32_t addr)
{
    const struct ferry_zephyr_flash *f = ctx;
    off_t off = 0;
    const struct flash_area *fa = find(f, addr, f->erase_unit, &off);

    return fa == NULL ? FERRY_E_FLASH
                      : answer(flash_area_erase(fa, off, f->erase_unit));
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    off_t off = 0;
    const struct flash_area *fa = find(ctx, addr, len, &off);

    return fa == NULL ? FERRY_E_FLASH : answer(flash_area_write(fa, off, buf, len));
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    off_t off = 0;
    const struct flash_area *fa = find(ctx, addr, len, &off);

    return fa == NULL ? FERRY_E_FLASH : answer(flash_area_read(fa, off, buf, len));
}

static bool power_ok(void *ctx)
{
    const struct ferry_zephyr_flash *f = ctx;
    return f->power_ok == NULL || f->power_ok(f->ctx);
}

struct ferry_flash ferry_zephyr_flash_hal(struct ferry_zephyr_flash *f)
{
    return (struct ferry_flash){
        .ctx = f,
        .erase_unit = f->erase_unit,
        .write_unit = (uint8_t)flash_area_align(f->areas[0]),
        .erased = flash_area_erased_val(f->areas[0]),
        .erase = erase,
        .write = write,
        .read = read,
        .power_ok = power_ok, /* lock: the bootloader's, before Zephyr runs */
    };
}
