/* SPDX-License-Identifier: Apache-2.0
 *
 * What a board is told on standard input, one order a line. Knows how orders are
 * spelled; does not carry them out. */
#ifndef FERRY_BOARD_ORDERS_H
#define FERRY_BOARD_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum order_what {
    ORDER_UNKNOWN,
    ORDER_OFF,
    ORDER_BATTERY,
    ORDER_SKIP,
    ORDER_FUSE,
    ORDER_LOSS,
    ORDER_STATUS
};

struct order {
    enum order_what what;
    uint32_t ms;                   /* ORDER_SKIP */
    uint32_t ppm;                  /* ORDER_LOSS */
    uint32_t from, to, moment, in; /* ORDER_FUSE */
};

struct orders {
    /* Internals below. */
    char text[512];
    size_t len;
};

extern const char orders_help[];

/* Take what there is. False: nothing will come any more. */
bool orders_read(struct orders *o, int fd);
/* The next whole line. */
bool orders_next(struct orders *o, struct order *order);

#endif
