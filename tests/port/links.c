/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how long to wait. Does not know for what. */
#include "links.h"

#define PATIENCE_MS 2000U

size_t heard(struct ferry_link *l, void *buf, size_t cap)
{
    size_t n = 0;

    for (unsigned i = 0; i < PATIENCE_MS && n == 0; i++) {
        n = ferry_link_receive(l, buf, cap);
        if (n == 0) {
            port_sleep_us(1000);
        }
    }
    return n;
}

size_t heard_all(struct ferry_link *l, uint8_t *buf, size_t want)
{
    size_t n = 0, more;

    while (n < want && (more = heard(l, buf + n, want - n)) > 0) {
        n += more;
    }
    return n;
}

bool goes_down(struct ferry_link *l)
{
    uint8_t got[16];

    for (unsigned i = 0; i < PATIENCE_MS && ferry_link_up(l); i++) {
        assert_int_equal(ferry_link_receive(l, got, sizeof got), 0);
        port_sleep_us(1000);
    }
    return !ferry_link_up(l);
}
