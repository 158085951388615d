/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootloader as it is, and a commit that is the engine's alone. */
#include "chip.h"

int cut_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
             uint32_t cause)
{
    return ferry_boot(cfg, reset, cause);
}

void cut_event(const struct ferry_flash *flash, enum ferry_event event, uint32_t bank)
{
    (void)flash;
    (void)event;
    (void)bank;
}
