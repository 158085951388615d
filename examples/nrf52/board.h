/* SPDX-License-Identifier: Apache-2.0
 *
 * What bootloader and application share: the board's flash, crypto, identity, and the
 * words it tells in RAM. Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_BOARD_H
#define FERRY_NRF52_BOARD_H

#include "crypto_sodium.h"
#include "ferry/boot.h"
#include "nvmc.h"
#include "retained.h"
#include "uart.h"

#define BOARD_WATCHDOG_MS 8000U
/* Where nrf52_reset() and the next start find it. */
#define BOARD_HANDOFF ((struct ferry_handoff *)NRF52_HANDOFF_ADDR)

struct board {
    struct nrf52_nvmc nvmc;
    struct ferry_flash flash;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    struct ferry_identity id;
    struct ferry_map map;
};

extern struct board board;
extern const struct nrf52_uart_config board_uart;

/* Flash and crypto; then the identity block. 0, or FERRY_E_ARG: it is none. */
FERRY_MUST_USE int board_open(void);

/* Begin to tell anew: who this is. */
void board_tell(enum nrf52_who who, uint32_t version);

#endif
