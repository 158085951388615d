/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what to send next and what must have been lost: the courier's picture of the
 * device's window, and the order in which chunks went out. Does not know bytes, frames
 * or time. */
#include "sender.h"

#include <string.h>

#include "window.h"

/* A row's bit in a pair of words, one for each block of the window. */
static uint32_t bit(unsigned row)
{
    return UINT32_C(1) << (row % FERRY_WINDOW_ROWS);
}

static bool has(const uint32_t *bits, unsigned row)
{
    return (bits[row / FERRY_WINDOW_ROWS] & bit(row)) != 0;
}

static void set(uint32_t *bits, unsigned row)
{
    bits[row / FERRY_WINDOW_ROWS] |= bit(row);
}

static void clear(uint32_t *bits, unsigned row)
{
    bits[row / FERRY_WINDOW_ROWS] &= ~bit(row);
}

static unsigned in_flight(const struct ferry_sender *s)
{
    unsigned n = 0;

    for (unsigned k = 0; k < 2; k++) {
        for (uint32_t v = s->flying[k]; v != 0; v &= v - 1U) {
            n++;
        }
    }
    return n;
}

/* No transmission of this row is in the air, or owed, any more. */
static void ground(struct ferry_sender *s, unsigned row)
{
    clear(s->flying, row);
    clear(s->again, row);
}

void ferry_sender_init(struct ferry_sender *s, const struct ferry_shape *shape)
{
    memset(s, 0, sizeof *s);
    ferry_window_init(&s->window, shape, 0);
}

static void forget_row(struct ferry_sender *s, unsigned row)
{
    ground(s, row);
    s->order[row] = 0;
    s->first[row] = 0;
    s->sent[row] = 0;
    s->failed[row] = 0;
}

/* The device verified the base block: the next block's rows become the first. */
static void slide(struct ferry_sender *s)
{
    for (unsigned row = 0; row < FERRY_WINDOW_ROWS; row++) {
        s->order[row] = s->order[row + FERRY_WINDOW_ROWS];
        s->first[row] = s->first[row + FERRY_WINDOW_ROWS];
        s->sent[row] = s->sent[row + FERRY_WINDOW_ROWS];
        s->failed[row] = s->failed[row + FERRY_WINDOW_ROWS];
    }
    s->flying[0] = s->flying[1];
    s->again[0] = s->again[1];
    ferry_window_advance(&s->window);
    for (unsigned row = FERRY_WINDOW_ROWS; row < FERRY_WINDOW_CHUNKS; row++) {
        forget_row(s, row);
    }
}

/* This transmission did not arrive; `sure`: and that is no guess. */
static void lost(struct ferry_sender *s, unsigned row, bool sure)
{
    ground(s, row);
    if (sure && s->sent[row] > 1 && s->failed[row] < UINT8_MAX) {
        s->failed[row]++;
    }
    if (s->failed[row] > s->worst) {
        s->worst = s->failed[row];
    }
}

/* What an honest device could say about this shape. */
static bool plausible(const struct ferry_sender *s, const struct ferry_ack *a)
{
    struct ferry_window seen = s->window;

    seen.base = (uint16_t)a->base;
    return a->base <= ferry_shape_blocks(&seen.shape) &&
           (a->bits[0] & ~ferry_window_mask(&seen, 0)) == 0 &&
           (a->bits[1] & ~ferry_window_mask(&seen, 1)) == 0;
}

/* A new epoch: the device took something back. Believe all of it; what is missing now
 * is sent anew, and its failures are of another life. */
static void adopt(struct ferry_sender *s, const struct ferry_ack *a)
{
    struct ferry_shape shape = s->window.shape;
    uint32_t last_order = s->last_order;
    uint32_t status_order = s->status_order;

    ferry_sender_init(s, &shape);
    s->window.base = (uint16_t)a->base;
    s->window.bits[0] = a->bits[0];
    s->window.bits[1] = a->bits[1];
    s->window.epoch = (uint8_t)a->epoch;
    s->credit = (uint8_t)a->credit;
    s->last_order = last_order;
    s->status_order = status_order;
    s->settled = last_order;
}

/* Bits that are set in the ack and were not before; the newest of their transmissions. */
static int newly_acked(struct ferry_sender *s, const struct ferry_ack *a,
                       uint32_t *newest)
{
    int n = 0;

    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        uint32_t b = a->bits[row / FERRY_WINDOW_ROWS] & bit(row);
        if (b == 0 || ferry_window_has(&s->window, row)) {
            continue;
        }
        n++;
        /* It may be the earlier of two copies that arrived. */
        if (s->first[row] > *newest) {
            *newest = s->first[row];
        }
        s->window.bits[row / FERRY_WINDOW_ROWS] |= b;
        forget_row(s, row);
    }
    return n;
}

static int blocks_passed(struct ferry_sender *s, uint16_t base, uint32_t *newest)
{
    int n = 0;

    while (s->window.base < base) {
        struct ferry_ack all = {0};
        all.bits[0] = ferry_window_mask(&s->window, 0);
        n += newly_acked(s, &all, newest);
        slide(s);
    }
    return n;
}

int ferry_sender_ack(struct ferry_sender *s, const struct ferry_ack *a, bool answered)
{
    uint32_t newest = answered ? s->status_order : 0;
    int n;

    s->explained = false;
    if (!plausible(s, a)) {
        return FERRY_E_PROTO;
    }
    if (a->epoch != s->window.epoch) {
        /* Modulo 256: an ack of the past is not news. */
        if ((uint8_t)(a->epoch - s->window.epoch) < 128U) {
            adopt(s, a);
        }
        return 0;
    }
    if (a->base < s->window.base) {
        return 0; /* overtaken by a later one */
    }
    n = blocks_passed(s, (uint16_t)a->base, &newest);
    n += newly_acked(s, a, &newest);
    s->credit = (uint8_t)a->credit;
    if (n > 0) {
        s->worst = 0;
        memset(s->failed, 0, sizeof s->failed);
    }
    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        if (has(s->flying, row) && s->order[row] <= newest) {
            lost(s, row, true);
            s->explained = true;
        }
    }
    s->settled = newest > s->settled ? newest : s->settled;
    return n;
}

void ferry_sender_nack(struct ferry_sender *s, bool going)
{
    uint32_t order = s->settled + 1U;
    bool alone = in_flight(s) == 1;

    if (s->explained || order > s->last_order - going) {
        return;
    }
    s->settled = order;
    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        if (!has(s->flying, row)) {
            continue;
        }
        if (s->order[row] == order) {
            lost(s, row, alone);
        } else if (s->first[row] == order) {
            s->first[row] = s->order[row]; /* the other copy is on its way */
        }
    }
}

int32_t ferry_sender_next(const struct ferry_sender *s, bool *second)
{
    bool room = in_flight(s) < s->credit;

    *second = false;
    for (unsigned row = 0; room && row < FERRY_WINDOW_CHUNKS; row++) {
        uint32_t open = ferry_window_mask(&s->window, row / FERRY_WINDOW_ROWS) &
                        ~s->window.bits[row / FERRY_WINDOW_ROWS] &
                        ~s->flying[row / FERRY_WINDOW_ROWS];
        if ((open & bit(row)) != 0) {
            return (int32_t)ferry_window_index(&s->window, row);
        }
    }
    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        if (has(s->again, row)) {
            *second = true;
            return (int32_t)ferry_window_index(&s->window, row);
        }
    }
    return -1;
}

uint32_t ferry_sender_sent(struct ferry_sender *s, uint32_t index, bool *repeat)
{
    int at = ferry_window_row(&s->window, index);

    *repeat = false;
    if (at < 0) {
        return 0;
    }
    unsigned row = (unsigned)at;
    bool copy = has(s->again, row);
    *repeat = s->sent[row] > 0;
    s->order[row] = ++s->last_order;
    s->first[row] = copy ? s->first[row] : s->order[row];
    if (copy) {
        clear(s->again, row);
    } else {
        set(s->flying, row);
        if (*repeat) {
            set(s->again, row);
        }
        if (s->sent[row] < UINT8_MAX) {
            s->sent[row]++;
        }
    }
    return s->last_order;
}

bool ferry_sender_flying(const struct ferry_sender *s, uint32_t order)
{
    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        if (has(s->flying, row) && s->order[row] == order) {
            return true;
        }
    }
    return false;
}

void ferry_sender_status(struct ferry_sender *s)
{
    s->status_order = s->last_order;
}
