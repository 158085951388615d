/* SPDX-License-Identifier: Apache-2.0
 *
 * A planted bug, as many a bootloader in the field has it: one word says which bank boots,
 * and a commit erases and rewrites it. Between the two nothing boots; and what boots is
 * not looked at. Whoever cuts the power everywhere must find this. */
#include "chip.h"
#include "layout.h"

int cut_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset, uint32_t cause)
{
    const struct ferry_flash *flash = cfg->flash;
    uint32_t bank = UINT32_MAX;

    (void)!ferry_boot(cfg, reset, cause); /* for its records; its answer is not heard */
    (void)flash->read(flash->ctx, LAYOUT_POINTER, &bank, sizeof bank);
    return bank <= 1 ? (int)bank : FERRY_E_COMMIT;
}

void cut_committed(const struct ferry_flash *flash, unsigned bank)
{
    static uint32_t word;

    word = bank;
    (void)flash->erase(flash->ctx, LAYOUT_POINTER);
    (void)flash->write(flash->ctx, LAYOUT_POINTER, &word, sizeof word);
}
