/* SPDX-License-Identifier: Apache-2.0
 *
 * The program that no update ever touches: the order of a start; every decision is
 * ferry_boot()'s. It runs before any radio stack, and every call of its flash and crypto
 * ends before it returns. Nothing in it has to be changed. */
#include "port.h"

static struct ferry_identity identity;
static struct ferry_map map;
static uint32_t room[FERRY_BOOT_ROOM / 4];

int main(void)
{
    uint32_t cause = port_reset_cause();
    int err = ferry_identity_open(&identity, &map, port_identity());

    if (err != 0) { /* no keys to trust: it never left the factory */
        port_halt(err);
    }
    const struct ferry_boot_config config = {
        .identity = &identity,
        .map = &map,
        .flash = port_flash(),
        .crypto = port_crypto(),
        .handoff = &port_handoff,
        .room = (uint8_t *)room,
        .locks = port_locks,
        .locks_len = port_locks_len,
        .alive = port_feed_watchdog,
        .arm_watchdog = port_arm_watchdog,
    };
    int bank = ferry_boot(&config, port_reset_class(cause), cause);
    if (bank < 0) {
        port_halt(bank);
    }
    port_jump(map.link[bank]);
}
