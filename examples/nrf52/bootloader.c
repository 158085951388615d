/* SPDX-License-Identifier: Apache-2.0
 *
 * The program that no update ever touches: why was the chip reset, ferry_boot(), the
 * jump. Knows this port; every decision is the engine's. Ran on QEMU's nRF51 model
 * only. */
#include "bootloader.h"

#include "board.h"
#include "core.h"
#include "layout.h"
#include "resets.h"
#include "watchdog.h"

static void feed(void *ctx)
{
    (void)ctx;
    nrf52_watchdog_feed();
}

static int arm(void *ctx)
{
    (void)ctx;
    nrf52_watchdog_start(BOARD_WATCHDOG_MS);
    return 0;
}

static uint32_t room[FERRY_BOOT_ROOM / 4];

static const struct ferry_area locks[] = {
    {LAYOUT_BOOTLOADER, LAYOUT_BOOTLOADER_LEN},
    {LAYOUT_IDENTITY, LAYOUT_PAGE},
    {LAYOUT_KEY, LAYOUT_PAGE},
};

static const struct ferry_boot_config boot_cfg = {
    .identity = &board.id,
    .map = &board.map,
    .flash = &board.flash,
    .crypto = &board.crypto,
    .handoff = BOARD_HANDOFF,
    .room = (uint8_t *)room,
    .locks = locks,
    .locks_len = sizeof locks / sizeof *locks,
    .alive = feed,
    .arm_watchdog = arm,
};

void bootloader_halt(int err)
{
    NRF52_STATUS->error = (uint32_t)-err;
    NRF52_STATUS->who = NRF52_WHO_HALTED;
    BOARD_HANDOFF->halt = (uint8_t)-err;
    for (;;) {
        nrf52_wait_for_interrupt();
    }
}

int main(void)
{
    uint32_t cause = nrf52_reset_cause();

    board_tell(NRF52_WHO_BOOTLOADER, 0);
    int err = board_open();
    if (err != 0) { /* no factory's: without an identity there is no key to trust */
        bootloader_halt(err);
    }
    int bank = ferry_boot(&boot_cfg, nrf52_reset_class(cause), cause);
    if (bank < 0) {
        bootloader_nothing_boots(bank);
    }
    nrf52_jump(board.map.link[bank]);
}
