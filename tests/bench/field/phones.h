/* SPDX-License-Identifier: Apache-2.0
 *
 * Who comes to a device, and when: days with and without anybody, phones of different
 * makes and with different versions of the app, good and bad air. */
#ifndef FERRY_FIELD_PHONES_H
#define FERRY_FIELD_PHONES_H

#include "world.h"

#define MINUTE_MS 60000U
#define DAY_MS (24U * 60U * MINUTE_MS)
#define VISITS_MAX 3U

/* ---- when ------------------------------------------------------------------------ */

struct visit {
    uint32_t at, len; /* ms; since midnight */
};

struct day {
    unsigned n; /* 0: nobody comes */
    struct visit visit[VISITS_MAX];
};

/* Four minutes in one to three visits, or (one day in ten) none. */
void phones_day(uint64_t *rng, struct day *d);

/* ---- who ------------------------------------------------------------------------- */

enum app {
    APP_PRESENT, /* as the library is set up by default; asks for a statement first */
    APP_LITERAL, /* as the received design has it: three failed retransmissions, and it
                  * stays parked until there is a new connection; no statement */
    APP_OLDER,   /* takes values of 20 bytes, never asks for a statement, begins a new
                  * session with each connection */
    APPS
};
const char *phones_app_name(enum app app);

enum disk {
    DISK_WHOLE,    /* the new release */
    DISK_HALF,     /* the first half of its file: the download was interrupted */
    DISK_YESTERDAY /* nothing but the release that runs already */
};

struct phone {
    enum app app;
    enum disk disk;
    uint16_t mtu;
    uint32_t interval_ms;
    uint8_t per_event;
};

void phones_draw(uint64_t *rng, struct phone *p);
/* Until it comes again: does it get what its disk lacks? */
bool phones_download(uint64_t *rng, struct phone *p);
/* Its radio, at a device that takes values of `mtu` - 3 bytes. */
void phones_link(const struct phone *p, struct world *w, uint16_t mtu);
/* Its app starts: a new courier, with what is on its disk. */
void phones_start_app(const struct phone *p, struct world *w);

/* ---- how ------------------------------------------------------------------------- */

/* The air of a visit: values are lost one by one, or in bursts; `loss_ppm` of them on
 * average, either way. */
void phones_air(uint64_t *rng, struct world *w, uint32_t loss_ppm);

#endif
