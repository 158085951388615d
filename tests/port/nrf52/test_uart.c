/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the link over the UART on a receiver of six bytes that holds its peer back
 * while it is full, as the chip does with RTS: no byte is lost or changes its place,
 * however long nobody reads, and a value goes out whole. */
#include <string.h>

#include "core.h"
#include "fake.h"
#include "uart.h"

#define RXDRDY 0x40002108U
#define TXDRDY 0x4000211CU
#define INTENSET 0x40002304U
#define INTENCLR 0x40002308U
#define RXD 0x40002518U
#define TXD 0x4000251CU
#define UART_CONFIG 0x4000256CU
#define RXDRDY_INT 4U

#define FIFO 6U

static struct {
    uint8_t fifo[FIFO];
    unsigned fifo_len;
    uint32_t ints;    /* that are enabled */
    uint8_t next_in;  /* what the peer says is 0, 1, 2, ... */
    uint8_t out[256]; /* what the chip says */
    unsigned out_len;
    bool sending; /* the transmitter holds a byte */
} wire;

/* ---- the chip -------------------------------------------------------------------- */

static bool get(uint32_t addr, uint32_t *value)
{
    if (addr != RXD) {
        return false;
    }
    assert_true(wire.fifo_len > 0);
    *value = wire.fifo[0];
    wire.fifo_len--;
    memmove(wire.fifo, wire.fifo + 1, wire.fifo_len);
    if (wire.fifo_len > 0) {
        fake_poke(RXDRDY, 1);
    }
    return true;
}

static bool set(uint32_t addr, uint32_t value)
{
    if (addr == TXD) {
        assert_false(wire.sending);
        assert_true(wire.out_len < sizeof wire.out);
        wire.out[wire.out_len++] = (uint8_t)value;
        wire.sending = true;
    } else if (addr == INTENSET) {
        wire.ints |= value;
    } else if (addr == INTENCLR) {
        wire.ints &= ~value;
    }
    return false;
}

static void interrupts(void)
{
    while (((wire.ints & RXDRDY_INT) != 0 && fake_peek(RXDRDY) != 0) ||
           fake_peek(TXDRDY) != 0) {
        nrf52_on_uart0();
    }
}

/* The peer says this many bytes, as far as it may. Returns how many it could. */
static unsigned peer_says(unsigned len)
{
    unsigned said = 0;

    for (; said < len && wire.fifo_len < FIFO; said++) {
        wire.fifo[wire.fifo_len++] = wire.next_in++;
        fake_poke(RXDRDY, 1);
        interrupts();
    }
    return said;
}

static void transmitter_ends_a_byte(void)
{
    wire.sending = false;
    fake_poke(TXDRDY, 1);
    interrupts();
}

static void begin(void)
{
    static const struct nrf52_uart_config cfg = {
        .tx = 6, .rx = 8, .rts = 5, .cts = 7, .baud = NRF52_UART_115200};
    uint8_t left[64];

    fake_new((struct fake_will){.get = get, .set = set});
    memset(&wire, 0, sizeof wire);
    while (nrf52_uart_read(left, sizeof left) > 0) {
    }
    nrf52_uart_start(&cfg);
}

/* ---- tests ----------------------------------------------------------------------- */

static void bytes_come_in_order(void **state)
{
    uint8_t got[8];

    (void)state;
    begin();
    assert_false(nrf52_uart_heard());
    assert_int_equal(peer_says(3), 3);
    assert_true(nrf52_uart_heard());
    assert_int_equal(nrf52_uart_read(got, sizeof got), 3);
    assert_memory_equal(got, "\0\1\2", 3);
    assert_int_equal(nrf52_uart_read(got, sizeof got), 0);
}

static void a_peer_that_nobody_reads_is_held_back_and_loses_nothing(void **state)
{
    uint8_t got[700], expected = 0;
    unsigned said, have = 0;
    size_t n;

    (void)state;
    begin();
    said = peer_says(600);
    assert_true(said >= 512 && said < 600); /* ring and receiver are full */
    while (said < 700 || have < 700) {
        n = nrf52_uart_read(got, 97);
        interrupts();
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(got[i], expected++);
        }
        have += (unsigned)n;
        said += peer_says(700 - said);
    }
    assert_int_equal(have, 700);
}

/* The interrupt must be taken once in a while even if the ring is full. */
static void a_full_ring_silences_its_interrupt(void **state)
{
    uint8_t got[1];

    (void)state;
    begin();
    (void)peer_says(600);
    assert_int_equal(wire.ints & RXDRDY_INT, 0);
    assert_int_equal(nrf52_uart_read(got, 1), 1);
    assert_int_equal(wire.ints & RXDRDY_INT, RXDRDY_INT);
}

static void a_value_goes_out_whole_and_once(void **state)
{
    static const uint8_t value[] = {9, 8, 7, 6, 5};

    (void)state;
    for (size_t len = 1; len <= sizeof value; len++) {
        begin();
        assert_true(nrf52_uart_ready());
        nrf52_uart_send(value, len);
        for (size_t i = 0; i < len; i++) {
            assert_false(nrf52_uart_ready());
            assert_int_equal(wire.out_len, i + 1);
            transmitter_ends_a_byte();
        }
        assert_true(nrf52_uart_ready());
        assert_int_equal(wire.out_len, len);
        assert_memory_equal(wire.out, value, len);
    }
}

static void an_event_without_its_interrupt_is_taken_all_the_same(void **state)
{
    static const uint8_t value[] = {1, 2};

    (void)state;
    begin();
    nrf52_uart_send(value, sizeof value);
    for (size_t i = 0; i < sizeof value; i++) {
        wire.sending = false;
        fake_poke(TXDRDY, 1);
        (void)nrf52_uart_ready();
    }
    assert_true(nrf52_uart_ready());
    assert_int_equal(wire.out_len, sizeof value);
    assert_false(fake_held);
}

static void an_empty_value_is_none(void **state)
{
    (void)state;
    begin();
    nrf52_uart_send(NULL, 0);
    assert_true(nrf52_uart_ready());
    assert_int_equal(wire.out_len, 0);
}

static void both_ways_work_at_once(void **state)
{
    uint8_t value[NRF52_UART_VALUE], got[8];

    (void)state;
    begin();
    memset(value, 0x5A, sizeof value);
    nrf52_uart_send(value, sizeof value);
    for (unsigned i = 0; i < sizeof value; i++) {
        assert_int_equal(peer_says(1), 1);
        transmitter_ends_a_byte();
        assert_int_equal(nrf52_uart_read(got, sizeof got), 1);
        assert_int_equal(got[0], i);
    }
    assert_true(nrf52_uart_ready());
    assert_int_equal(wire.out_len, sizeof value);
}

static void flow_control_wants_both_pins(void **state)
{
    struct nrf52_uart_config cfg = {.tx = 6, .rx = 8, .rts = 5, .cts = 33};

    (void)state;
    begin();
    nrf52_uart_start(&cfg);
    assert_int_equal(fake_peek(UART_CONFIG), 1);
    cfg.cts = NRF52_UART_NO_PIN;
    nrf52_uart_start(&cfg);
    assert_int_equal(fake_peek(UART_CONFIG), 0);
}

/* Port 1 has registers of its own; what comes in floats without a pull-up. */
static void pins_are_set_up_as_their_use_wants(void **state)
{
    static const struct nrf52_uart_config cfg = {
        .tx = 33, .rx = 34, .rts = 5, .cts = 31};

    (void)state;
    begin();
    nrf52_uart_start(&cfg);
    assert_int_equal(fake_peek(0x40002508), 5);
    assert_int_equal(fake_peek(0x4000250C), 33);
    assert_int_equal(fake_peek(0x40002510), 31);
    assert_int_equal(fake_peek(0x40002514), 34);
    assert_int_equal(fake_peek(0x50000700 + 4 * 5), 1);
    assert_int_equal(fake_peek(0x50000A00 + 4 * 1), 1);
    assert_int_equal(fake_peek(0x50000700 + 4 * 31), 12);
    assert_int_equal(fake_peek(0x50000A00 + 4 * 2), 12);
    assert_int_equal(fake_written(0x50000808, 1U << 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_in_order),
        cmocka_unit_test(a_peer_that_nobody_reads_is_held_back_and_loses_nothing),
        cmocka_unit_test(a_full_ring_silences_its_interrupt),
        cmocka_unit_test(a_value_goes_out_whole_and_once),
        cmocka_unit_test(an_event_without_its_interrupt_is_taken_all_the_same),
        cmocka_unit_test(an_empty_value_is_none),
        cmocka_unit_test(both_ways_work_at_once),
        cmocka_unit_test(flow_control_wants_both_pins),
        cmocka_unit_test(pins_are_set_up_as_their_use_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
