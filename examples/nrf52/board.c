/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows this board: pins of Nordic's nRF52840 and nRF52832 development kits, where the
 * identity block lies. Ran on QEMU's nRF51 model only. */
#include "board.h"

#include "core.h"
#include "layout.h"
#include "supply.h"

_Static_assert(NRF52_HANDOFF_ADDR + sizeof(struct ferry_handoff) <=
                   NRF52_MODEL_RESETREAS_ADDR,
               "the hand-off block has its place");
_Static_assert(NRF52_STATUS_ADDR + sizeof(struct nrf52_status) <= NRF52_SELFTEST_ADDR,
               "and so have the status words");

struct board board;

/* With RTS and CTS: nothing is lost while a page is erased. */
const struct nrf52_uart_config board_uart = {
    .tx = 6, .rx = 8, .rts = 5, .cts = 7, .baud = NRF52_UART_115200};

int board_open(void)
{
    board.nvmc = (struct nrf52_nvmc){.part = &nrf52_part, .power_ok = nrf52_supply_ok};
    board.flash = nrf52_nvmc_flash(&board.nvmc);
    board.crypto = ferry_sodium_crypto(&board.sodium);
    return ferry_identity_open(&board.id, &board.map, (const uint8_t *)LAYOUT_IDENTITY);
}

void board_tell(enum nrf52_who who, uint32_t version)
{
    volatile struct nrf52_status *told = NRF52_STATUS;

    for (uint32_t at = 0; at < sizeof *told; at += 4) {
        nrf52_set(NRF52_STATUS_ADDR + at, 0);
    }
    told->who = who;
    told->version = version;
    told->link = nrf52_vectors_addr();
    told->magic = NRF52_STATUS_MAGIC;
}
