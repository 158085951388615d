/* SPDX-License-Identifier: Apache-2.0
 *
 * Values over the board's first UART: whatever came since the last look is one value. The
 * engine finds its frames in any cut. Its interrupt fills a queue and wakes the CPU. Ran on
 * QEMU only. */
#include "mps2.h"
#include "port.h"
#include "regs.h"

#define TX_FULL 1U
#define RX_FULL 2U
#define TX_AND_RX 3U
#define RX_INTERRUPT 8U
#define RX_DONE 2U
#define QUEUE 1024U /* a power of two */

/* The interrupt moves `head`, the main loop `tail`; both only go up. */
static volatile uint8_t queue[QUEUE];
static volatile uint32_t head, tail;

void mps2_on_uart0(void)
{
    mps2_set(UART0_INTCLR, RX_DONE); /* first: what comes meanwhile asks again */
    while ((mps2_get(UART0_STATE) & RX_FULL) != 0) {
        uint8_t byte = (uint8_t)mps2_get(UART0_DATA);
        if (head - tail < QUEUE) { /* else it is lost, as on any wire */
            queue[head % QUEUE] = byte;
            head = head + 1;
        }
    }
}

void port_link_start(void)
{
    mps2_set(UART0_BAUDDIV, MPS2_HZ / 115200U);
    mps2_set(UART0_CTRL, TX_AND_RX | RX_INTERRUPT);
    mps2_set(NVIC_ENABLE, 1U << UART0_RX_IRQ);
}

bool port_link_up(void)
{
    return true; /* a wire cannot tell */
}

size_t port_link_read(uint8_t *value, size_t cap)
{
    size_t len = 0;

    for (; len < cap && tail != head; tail = tail + 1) {
        value[len++] = queue[tail % QUEUE];
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
