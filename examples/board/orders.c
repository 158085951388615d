/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows words and numbers. */
#include "orders.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char orders_help[] =
    "Orders, one a line on standard input:\n"
    "  battery           it falls out, and in again\n"
    "  skip HOURS        so much time passes at once\n"
    "  loss PPM          of the values that the radio sends, from the next peer on\n"
    "  fuse FROM TO before|halfway|after N\n"
    "                    the battery falls out for good in the N-th operation on the\n"
    "                    flash addresses FROM..TO-1: board and chip are killed there\n"
    "  status            say the counts\n"
    "  off               the same as the end of standard input\n";

bool orders_read(struct orders *o, int fd)
{
    if (o->len == sizeof o->text) { /* no line is that long */
        o->len = 0;
    }
    ssize_t n = read(fd, o->text + o->len, sizeof o->text - o->len);
    if (n < 0) {
        return errno == EINTR || errno == EAGAIN;
    }
    o->len += (size_t)n;
    return n > 0;
}

static bool parse_fuse(const char *line, struct order *order)
{
    static const char *const moments[] = {"before", "halfway", "after"};
    unsigned from, to, in;
    char moment[16];

    if (sscanf(line, "fuse %8x %8x %15s %9u", &from, &to, moment, &in) != 4) {
        return false;
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (strcmp(moment, moments[i]) == 0) {
            *order = (struct order){
                .what = ORDER_FUSE, .from = from, .to = to, .moment = i, .in = in};
            return true;
        }
    }
    return false;
}

static void parse(const char *line, struct order *order)
{
    unsigned hours, ppm;

    *order = (struct order){.what = ORDER_UNKNOWN};
    if (strcmp(line, "off") == 0) {
        order->what = ORDER_OFF;
    } else if (strcmp(line, "battery") == 0) {
        order->what = ORDER_BATTERY;
    } else if (strcmp(line, "status") == 0) {
        order->what = ORDER_STATUS;
    } else if (sscanf(line, "skip %9u", &hours) == 1 && hours <= 24U * 24U) {
        order->what = ORDER_SKIP;
        order->ms = hours * 3600000U;
    } else if (sscanf(line, "loss %9u", &ppm) == 1 && ppm <= 1000000U) {
        order->what = ORDER_LOSS;
        order->ppm = ppm;
    } else if (!parse_fuse(line, order)) {
        order->what = ORDER_UNKNOWN;
    }
}

bool orders_next(struct orders *o, struct order *order)
{
    char *end = memchr(o->text, '\n', o->len);

    if (end == NULL) {
        return false;
    }
    *end = '\0';
    parse(o->text, order);
    size_t used = (size_t)(end - o->text) + 1;
    o->len -= used;
    memmove(o->text, o->text + used, o->len);
    return true;
}
