/* SPDX-License-Identifier: Apache-2.0
 *
 * The link over the UART: bytes in through a ring, one value out at a time. With RTS
 * and CTS no byte is lost, however long flash keeps the CPU: a full ring stays full,
 * the receiver's six bytes fill, and the hardware holds the peer back. Without them a
 * peer at full speed must pause while a page is erased (README.md). Ran on QEMU's nRF51
 * model only. */
#ifndef FERRY_NRF52_UART_H
#define FERRY_NRF52_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NRF52_UART_VALUE 244U /* longest value sent at once */
#define NRF52_UART_NO_PIN 0xFFFFFFFFU
#define NRF52_UART_115200 0x01D7E000U /* for struct nrf52_uart_config */
#define NRF52_UART_1M 0x10000000U

struct nrf52_uart_config {
    uint32_t tx, rx;   /* pins: port << 5 | number */
    uint32_t rts, cts; /* NRF52_UART_NO_PIN: no flow control */
    uint32_t baud;     /* what BAUDRATE wants */
};

void nrf52_uart_start(const struct nrf52_uart_config *cfg);

/* Up to `cap` bytes that came in; 0: none. */
size_t nrf52_uart_read(uint8_t *buf, size_t cap);
bool nrf52_uart_heard(void); /* are there any? */

/* Can it take a value now? Then send() copies at most NRF52_UART_VALUE bytes. */
bool nrf52_uart_ready(void);
void nrf52_uart_send(const uint8_t *bytes, size_t len);

#endif
