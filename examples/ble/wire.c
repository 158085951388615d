/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where one message ends and the next begins. Does not know who speaks. */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void put16(uint8_t *bytes, size_t n)
{
    bytes[0] = (uint8_t)(n & 0xFFU);
    bytes[1] = (uint8_t)(n >> 8);
}

uint16_t wire_number(const struct wire_message *m)
{
    return m->len >= 2 ? get16(m->body) : 0;
}

/* ---- out ------------------------------------------------------------------------- */

void wire_send(uint8_t kind, uint16_t conn, const void *body, size_t len)
{
    uint8_t out[WIRE_HEAD + WIRE_BODY_MAX];
    size_t at = 0;

    if (len > WIRE_BODY_MAX) {
        return;
    }
    out[0] = kind;
    put16(out + 1, conn);
    put16(out + 3, len);
    if (len > 0) {
        memcpy(out + WIRE_HEAD, body, len);
    }
    while (at < WIRE_HEAD + len) {
        ssize_t n = write(STDOUT_FILENO, out + at, WIRE_HEAD + len - at);
        if (n < 0 && errno != EINTR) {
            return;
        }
        at += n > 0 ? (size_t)n : 0;
    }
}

/* ---- in -------------------------------------------------------------------------- */

bool wire_next(struct wire *w, struct wire_message *m)
{
    const uint8_t *head = w->in + w->used;
    size_t have = w->have - w->used;

    if (have < WIRE_HEAD || have < WIRE_HEAD + (size_t)get16(head + 3)) {
        return false;
    }
    m->kind = head[0];
    m->conn = get16(head + 1);
    m->len = get16(head + 3);
    m->body = head + WIRE_HEAD;
    w->used += WIRE_HEAD + m->len;
    return true;
}

static void fill(struct wire *w)
{
    memmove(w->in, w->in + w->used, w->have - w->used);
    w->have -= w->used;
    w->used = 0;
    ssize_t n = read(STDIN_FILENO, w->in + w->have, sizeof w->in - w->have);
    if (n > 0) {
        w->have += (size_t)n;
    } else if (n == 0 || errno != EINTR) {
        w->ended = true; /* or a message that is too long for any buffer */
    }
}

bool wire_wait(struct wire *w, uint32_t ms)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    int limit = ms < 60000U ? (int)ms : 60000;

    if (poll(&p, 1, limit) > 0) {
        fill(w);
    }
    return !w->ended;
}
