/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages between a session's process and the Bluetooth stack that it runs under, on
 * standard input and output: connections, values, slots. Knows how they are framed;
 * does not know GATT, nor what values mean. engine.mjs is the other end. */
#ifndef FERRY_BLE_WIRE_H
#define FERRY_BLE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_HEAD 5U /* kind, connection, length of the body: 1, 2 and 2 bytes */
#define WIRE_BODY_MAX 512U

/* From the stack, about one connection: */
#define WIRE_UP 'u'   /* there, and subscribed; the body is its ATT MTU, 2 bytes */
#define WIRE_DOWN 'd' /* gone */
#define WIRE_SENT 's' /* so many more values may be handed over: 1 byte */
/* Both ways: */
#define WIRE_VALUE 'v' /* written to the device, or notified to the phone */
/* To the stack: */
#define WIRE_ADVERT                                                                    \
    'a' /* advertise this: FERRY_BLE_ADVERT_LEN and _RESPONSE_LEN bytes */
#define WIRE_HANG_UP 'x' /* end the connection */

struct wire_message {
    uint8_t kind;
    uint16_t conn, len;
    const uint8_t *body; /* valid until the next call */
};

struct wire {
    size_t have, used; /* bytes in `in`, and those of them that were handed out */
    uint8_t in[8192];
    bool ended;
};

/* Blocks until the stack took it. A stack that has gone is noticed by wire_wait(). */
void wire_send(uint8_t kind, uint16_t conn, const void *body, size_t len);

/* The next message that has come. False: none has, whole. */
bool wire_next(struct wire *w, struct wire_message *m);

/* Until something comes, or `ms` have passed. False: the stack has gone, or talks
 * nonsense. */
bool wire_wait(struct wire *w, uint32_t ms);

/* Numbers in bodies are little endian. */
uint16_t wire_number(const struct wire_message *m);

#endif
