/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootloader as it is. */
#include "chip.h"

int cut_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset, uint32_t cause)
{
    return ferry_boot(cfg, reset, cause);
}

void cut_committed(const struct ferry_flash *flash, unsigned bank)
{
    (void)flash;
    (void)bank;
}
