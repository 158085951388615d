/* SPDX-License-Identifier: Apache-2.0
 *
 * Many lives in a few numbers: all of them, or those of one class of devices. */
#ifndef FERRY_FIELD_SUMS_H
#define FERRY_FIELD_SUMS_H

#include <stddef.h>

#include "life.h"

#define SUMS_ALL LIFE_CLASSES /* instead of a class */

/* What the requirement on bytes is about: about 1 % of values lost, and so many
 * interruptions. */
#define SUMS_LOSS_MOST 0.015
#define SUMS_INTERRUPTIONS_MOST 3U
#define SUMS_SENT_MOST 1.15 /* times the image */

struct spread {
    double mean, median, p95, p99, most;
};

struct sums {
    size_t devices, updated, bricks, strays;
    struct spread days; /* of those that were updated */
    /* times the image: payload of image chunks; everything that left the couriers */
    struct spread sent, wire;
    size_t calm;     /* devices that SUMS_LOSS_MOST and SUMS_INTERRUPTIONS_MOST mean */
    size_t wasteful; /* of them: more than SUMS_SENT_MOST */
    struct spread calm_sent;
    uint64_t values, lost;
    uint64_t visits, gone, killed, reset, starts, parks, statements, rollbacks, cuts;
    uint64_t areas[POWER_AREAS], kinds[SIM_CUTS];
};

void sums_make(struct sums *s, const struct life_result *r, size_t n,
               unsigned mtu_class);
double sums_loss(const struct sums *s); /* of a value, 0..1 */
/* Does the requirement on bytes mean this device? */
bool sums_calm(const struct life_result *r);
double sums_sent(const struct life_result *r); /* times the image */
bool sums_wasteful(const struct life_result *r);

/* Share of devices, in percent, that were updated within that many days. */
double sums_updated_by(const struct life_result *r, size_t n, double days);

#endif
