/* SPDX-License-Identifier: Apache-2.0
 *
 * Line charts as SVG: axes with round numbers, a grid, a legend with the lines' names. */
#ifndef FERRY_BENCH_SVG_H
#define FERRY_BENCH_SVG_H

#include <stdbool.h>
#include <stddef.h>

#define SVG_LINES 8U

struct svg_line {
    const char *name;
    const double *x, *y;
    size_t n;
    bool steps; /* a value holds until the next one */
};

struct svg_chart {
    const char *title, *x_label, *y_label;
    const struct svg_line *lines;
    size_t n; /* at most SVG_LINES */
};

/* Axes begin at 0 and end at a round number past the largest value. False: the file could
 * not be written. */
bool svg_write(const char *path, const struct svg_chart *chart);

/* The least of 1, 2 and 5 times a power of ten of which at most `most` make up `range`. */
double svg_tick(double range, unsigned most);

#endif
