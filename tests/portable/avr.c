/* SPDX-License-Identifier: Apache-2.0
 *
 * An ATmega under simavr: standard output is its serial line, and a processor that
 * sleeps without interrupts has ended. Knows nothing of what runs. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdio.h>
#include <stdlib.h>

static int put(char c, FILE *to)
{
    (void)to;
    while ((UCSR0A & (1U << UDRE0)) == 0) {
    }
    UDR0 = (unsigned char)c;
    return 0;
}

static FILE serial = FDEV_SETUP_STREAM(put, NULL, _FDEV_SETUP_WRITE);

static void open_serial(void) __attribute__((constructor));
static void open_serial(void)
{
    UCSR0B = 1U << TXEN0;
    stdout = &serial;
}

/* main() has returned; what it said last has left the line when the data register is
 * empty once more. */
static void end(void) __attribute__((destructor));
static void end(void)
{
    put('\n', stdout);
    while ((UCSR0A & (1U << TXC0)) == 0) {
    }
    cli();
    sleep_mode();
}
