/* SPDX-License-Identifier: Apache-2.0
 *
 * The pictures of this bench, as SVG files in a folder. */
#ifndef FERRY_BENCH_PICTURES_H
#define FERRY_BENCH_PICTURES_H

#include <stdbool.h>

/* Measure what they show and draw it. False: a file could not be written, or a process
 * did not do its work; it has been said. */
bool pictures_draw(const char *folder, unsigned seeds, unsigned processes);

#endif
