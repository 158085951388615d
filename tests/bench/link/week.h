/* SPDX-License-Identifier: Apache-2.0
 *
 * A week of one device: its phone is near for four minutes a day, over a poor link, and
 * leaves without notice; once the battery is changed. */
#ifndef FERRY_BENCH_WEEK_H
#define FERRY_BENCH_WEEK_H

#include <stddef.h>

/* What the device has verified, in KiB, whenever that changes: `most` points at the most.
 * Returns how many there are; the last one is the end of the week. */
size_t week_run(double *days, double *kib, size_t most);

#endif
