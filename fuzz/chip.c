/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how bytes come into a simulated flash without having been programmed by anybody.
 * Does not know what they mean. */
#include "chip.h"

#include <string.h>

#define PATCHES 16U
#define PATCH_MAX 64U

void chip_new(struct sim_flash *f, uint32_t size, uint32_t erase_unit,
              uint8_t write_unit, uint8_t erased)
{
    sim_flash_init(f, size, erase_unit, write_unit, erased);
    memset(f->bytes, erased, size);
    memset(f->programmed, 0, size);
}

static bool blank(const struct sim_flash *f, uint32_t at)
{
    for (uint32_t i = 0; i < f->write_unit; i++) {
        if (f->bytes[at + i] != f->erased) {
            return false;
        }
    }
    return true;
}

void chip_load(struct sim_flash *f, uint32_t addr, const void *bytes, uint32_t len)
{
    if (len == 0) {
        return;
    }
    memcpy(f->bytes + addr, bytes, len);
    for (uint32_t at = addr - addr % f->write_unit; at < addr + len;
         at += f->write_unit) {
        memset(f->programmed + at, !blank(f, at), f->write_unit);
    }
}

void chip_patch(struct sim_flash *f, struct fuzz_input *in, uint32_t addr, uint32_t len)
{
    uint8_t bytes[PATCH_MAX];

    for (uint32_t n = fuzz_below(in, PATCHES); n > 0; n--) {
        uint32_t at = fuzz_number(in, 2) % len;
        uint32_t run = 1 + fuzz_below(in, PATCH_MAX);
        run = run < len - at ? run : len - at;
        fuzz_fill(in, bytes, run);
        chip_load(f, addr + at, bytes, run);
    }
}
