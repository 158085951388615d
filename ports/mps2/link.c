/* SPDX-License-Identifier: Apache-2.0
 *
 * Values over the board's first UART: whatever came since the last look is one value. The
 * engine finds its frames in any cut. Ran on QEMU only, which waits with the next byte
 * until the last one was read. */
#include "port.h"
#include "regs.h"

#define TX_FULL 1U
#define RX_FULL 2U
#define TX_AND_RX 3U

void port_link_start(void)
{
    mps2_set(UART0_BAUDDIV, MPS2_HZ / 115200U);
    mps2_set(UART0_CTRL, TX_AND_RX);
}

bool port_link_up(void)
{
    return true; /* a wire cannot tell */
}

size_t port_link_read(uint8_t *value, size_t cap)
{
    size_t len = 0;

    while (len < cap && (mps2_get(UART0_STATE) & RX_FULL) != 0) {
        value[len++] = (uint8_t)mps2_get(UART0_DATA);
    }
    return len;
}

bool port_link_ready(void)
{
    return (mps2_get(UART0_STATE) & TX_FULL) == 0;
}

void port_link_send(const uint8_t *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while (!port_link_ready()) {
        }
        mps2_set(UART0_DATA, value[i]);
    }
}
