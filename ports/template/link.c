/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 4 of docs/PORTING.md: values to and from a courier. Knows a radio or a wire; knows
 * nothing of what is in a value, and may lose, cut or join them: the engine expects that.
 * As it stands nobody is there. */
#include "port.h"

void port_link_start(void)
{
    /* FIXME: advertise; or open the UART */
}

/* A wire that cannot tell is always up. */
bool port_link_up(void)
{
    return false; /* FIXME */
}

/* Out of a queue that the interrupt or the stack's callback fills. */
size_t port_link_read(uint8_t *value, size_t cap)
{
    (void)value;
    (void)cap;
    return 0; /* FIXME */
}

/* Only when the stack takes one now: what it would queue is stale when it is sent. */
bool port_link_ready(void)
{
    return false; /* FIXME */
}

/* Copy it, or send it before you return. */
void port_link_send(const uint8_t *value, size_t len)
{
    (void)value; /* FIXME */
    (void)len;
}
