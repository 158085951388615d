/* SPDX-License-Identifier: Apache-2.0
 *
 * One cell of the table: a link, a device, an image of 200 KiB, and what carrying it took,
 * over as many links of different luck as wanted. */
#ifndef FERRY_BENCH_CELL_H
#define FERRY_BENCH_CELL_H

#include "world.h"

#define CELL_IMAGE_LEN (200U * 1024U)

struct cell {
    uint16_t mtu;
    uint16_t ci_ms;
    uint8_t n; /* values an event, each way */
    uint32_t loss_ppm;
    uint16_t chunk;
    uint8_t pool; /* chunks */
    uint8_t reply_events;
    uint8_t phone_queue; /* of a careless phone; 0: it is an honest one */
    enum flash_time_model flash;
};

/* Sums over all runs. */
struct cell_sums {
    uint32_t runs, arrived;
    uint64_t image_ms; /* from the first image chunk's first value to the last's ack */
    uint64_t session_ms; /* from the link's coming up to DONE */
    uint64_t values;     /* to the device */
    uint64_t frames;     /* to the device */
    uint64_t repeated;   /* payload bytes */
    uint64_t parks;
};

/* Make the image and sign it; once. */
void cell_prepare(void);
/* The program's one world, at the moment the link comes up. */
struct world *cell_begin(const struct cell *c, uint64_t seed);
/* One more run, with that seed. */
void cell_run(const struct cell *c, uint64_t seed, struct cell_sums *sums);

double cell_goodput(const struct cell_sums *s); /* image bytes a second */
double cell_session(const struct cell_sums *s);
double cell_limit(const struct cell *c);      /* n values an interval */
double cell_parks(const struct cell_sums *s); /* a transfer */
double cell_loss(const struct cell *c);       /* of a value, 0..1 */
unsigned cell_pool_len(const struct cell *c); /* bytes */
/* The device's session, as this machine lays it out (a 32-bit one needs less), and its
 * pool. */
unsigned cell_ram(const struct cell *c);
const char *cell_flash_name(enum flash_time_model flash);
/* In words; valid until the next call. */
const char *cell_name(const struct cell *c);

#endif
