/* SPDX-License-Identifier: Apache-2.0
 *
 * One visit to a device in range: what it says of itself, and perhaps an artifact to
 * carry there. Knows the courier and the link; no server, no disk, no user. */
#ifndef FERRY_PHONE_NEAR_H
#define FERRY_PHONE_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/courier.h"
#include "ferry/manifest.h"

#define NEAR_VARIANTS_MAX 16U

enum near_end {
    NEAR_ABSENT,    /* nobody answers there */
    NEAR_LOST,      /* it went away, or stopped to answer: the next visit goes on */
    NEAR_MET,       /* nothing was to be carried, and all is said */
    NEAR_INSTALLED, /* committed: it starts it at its next restart */
    NEAR_RUNNING,   /* it runs that already */
    NEAR_LATER,     /* it wants to be asked again */
    NEAR_REFUSED,   /* by the device, or nothing fits it */
    NEAR_STOPPED    /* the user's, or the system's, signal */
};
const char *near_end_name(enum near_end end);

struct near_variant { /* a whole artifact; the bytes are whose they were */
    uint8_t *bytes;
    size_t len;
};

struct near_visit {
    /* what is wanted */
    const char *path;     /* socket or terminal */
    const uint8_t *nonce; /* the server's, for a statement; NULL: none is asked for */
    struct near_variant variant[NEAR_VARIANTS_MAX];
    unsigned variants;
    uint32_t clock;      /* the device's milliseconds in a real one; 1 */
    uint32_t patience_s; /* real, without an answer */
    uint16_t mtu;
    /* Shown now and then while something is carried. NULL: nobody looks. */
    void (*progress)(struct near_visit *v, const struct ferry_courier_progress *p);
    uint32_t shown; /* percent, its own */

    /* what came of it */
    enum near_end end;
    int err; /* enum ferry_err */
    struct ferry_later later;
    uint8_t statement[FERRY_ENVELOPE_MAX];
    size_t statement_len; /* 0: none came */
    struct ferry_courier_counts counts;
    uint32_t seconds; /* real */
};

/* What the courier's state comes to, were the visit over now; NEAR_LOST: it is under way. */
enum near_end near_end_of(const struct ferry_courier *c, const struct near_visit *v);

/* Visit it; everything is in `v`. */
void near_go(struct near_visit *v);

/* Signals that end a visit: SIGINT and SIGTERM say so here. */
void near_catch_signals(void);
bool near_signalled(void);

#endif
