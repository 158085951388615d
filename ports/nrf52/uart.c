/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the UART without DMA that nRF51 and nRF52 share (product specifications of
 * nRF52840 1.1 and nRF52832 1.4, UART). One ring filled by the interrupt and emptied by
 * the main loop; one buffer the other way. Does not know what the bytes mean.
 * Ran on QEMU's nRF51 model only. */
#include "uart.h"

#include <string.h>

#include "core.h"
#include "regs.h"

#define UART 0x40002000U
#define STARTRX (UART + 0x000)
#define STARTTX (UART + 0x008)
#define RXDRDY (UART + 0x108)
#define TXDRDY (UART + 0x11C)
#define INTENSET (UART + 0x304)
#define INTENCLR (UART + 0x308)
#define ENABLE (UART + 0x500)
#define PSELRTS (UART + 0x508)
#define PSELTXD (UART + 0x50C)
#define PSELCTS (UART + 0x510)
#define PSELRXD (UART + 0x514)
#define RXD (UART + 0x518)
#define TXD (UART + 0x51C)
#define BAUDRATE (UART + 0x524)
#define CONFIG (UART + 0x56C)

#define RXDRDY_INT (1U << 2)
#define TXDRDY_INT (1U << 7)
#define ENABLED 4U
#define FLOW_CONTROL 1U
#define OUTSET(pin) (gpio(pin) + 0x508U)
#define PIN_CNF(pin) (gpio(pin) + 0x700U + 4U * ((pin) % 32U))
#define OUTPUT 1U
#define INPUT_PULLED_UP 12U

#define RING 512U /* a power of two */

/* Counters that wrap; the difference is what is in the ring. */
static uint8_t ring[RING];
static volatile uint32_t came, went;

/* `value_at` is the next byte to go; past the end when the last one has left. */
static uint8_t value[NRF52_UART_VALUE];
static volatile uint32_t value_len, value_at = 1;

/* ---- the interrupt --------------------------------------------------------------- */

/* A full ring is left full: the receiver's own queue fills up behind it. */
static void take_byte(void)
{
    if (came - went == RING) {
        nrf52_set(INTENCLR, RXDRDY_INT);
        return;
    }
    nrf52_set(RXDRDY, 0);
    ring[came % RING] = (uint8_t)nrf52_get(RXD);
    came++;
}

static void give_byte(void)
{
    nrf52_set(TXDRDY, 0);
    if (value_at < value_len) {
        nrf52_set(TXD, value[value_at]);
    }
    value_at++;
}

void nrf52_on_uart0(void)
{
    if (nrf52_get(RXDRDY) != 0) {
        take_byte();
    }
    if (nrf52_get(TXDRDY) != 0) {
        give_byte();
    }
}

/* ---- the main loop's side -------------------------------------------------------- */

static uint32_t gpio(uint32_t pin)
{
    return 0x50000000U + 0x300U * (pin / 32U);
}

/* Idle is high. */
static void connect(uint32_t psel, uint32_t pin, uint32_t mode)
{
    if (pin != NRF52_UART_NO_PIN) {
        nrf52_set(OUTSET(pin), 1U << (pin % 32U));
        nrf52_set(PIN_CNF(pin), mode);
    }
    nrf52_set(psel, pin);
}

void nrf52_uart_start(const struct nrf52_uart_config *cfg)
{
    bool flow = cfg->rts != NRF52_UART_NO_PIN && cfg->cts != NRF52_UART_NO_PIN;

    connect(PSELRTS, cfg->rts, OUTPUT);
    connect(PSELTXD, cfg->tx, OUTPUT);
    connect(PSELCTS, cfg->cts, INPUT_PULLED_UP);
    connect(PSELRXD, cfg->rx, INPUT_PULLED_UP);
    nrf52_set(BAUDRATE, cfg->baud);
    nrf52_set(CONFIG, flow ? FLOW_CONTROL : 0);
    nrf52_set(ENABLE, ENABLED);
    nrf52_set(RXDRDY, 0);
    nrf52_set(TXDRDY, 0);
    nrf52_set(STARTTX, 1);
    nrf52_set(STARTRX, 1);
    nrf52_set(INTENSET, RXDRDY_INT | TXDRDY_INT);
    nrf52_irq_enable(NRF52_IRQ_UART0);
}

bool nrf52_uart_heard(void)
{
    return came != went;
}

size_t nrf52_uart_read(uint8_t *buf, size_t cap)
{
    size_t len = 0;

    while (len < cap && came != went) {
        buf[len++] = ring[went % RING];
        went++;
    }
    if (len > 0) {
        nrf52_set(INTENSET, RXDRDY_INT);
    }
    return len;
}

/* QEMU 7.2 sets the event without the interrupt where its host takes a byte late. */
bool nrf52_uart_ready(void)
{
    if (value_at <= value_len && nrf52_get(TXDRDY) != 0) {
        nrf52_irq_hold();
        nrf52_on_uart0();
        nrf52_irq_release();
    }
    return value_at > value_len;
}

void nrf52_uart_send(const uint8_t *bytes, size_t len)
{
    if (len == 0) {
        return;
    }
    memcpy(value, bytes, len);
    value_len = (uint32_t)len;
    value_at = 1;
    nrf52_set(TXD, value[0]);
}
