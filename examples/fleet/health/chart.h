/* SPDX-License-Identifier: Apache-2.0
 *
 * Survival as a picture: an SVG that needs no script, is readable in print and follows
 * the reader's light or dark. Knows curves and marks; not where they come from. */
#ifndef FERRY_FLEET_CHART_H
#define FERRY_FLEET_CHART_H

#include <stdbool.h>
#include <stdio.h>

#include "stats.h"

#define CHART_LINES_MAX 12U

struct chart_line {
    const char *label;
    const struct stats_point *points;
    size_t len;
    bool control; /* drawn in grey, dashed */
    bool alarm;   /* of class "alarm": whoever styles it may warn */
};

struct chart {
    const char *title, *subtitle;
    struct chart_line line[CHART_LINES_MAX];
    unsigned lines;
    int32_t mark; /* hour of a vertical mark, or -1 */
    const char *mark_label;
    double low;     /* survival at the bottom; 0: as low as its curves go */
    uint32_t hours; /* at the right; 0: as far as its curves go */
};

/* Survival at the bottom of a picture in which a curve falls to this. */
double chart_low(double least);

/* A whole SVG document. */
void chart_write(FILE *to, const struct chart *c);

/* One of several beside each other in a page: small, without labels, and styled by the
 * page (classes: line, control, alarm, band, grid, mark, end, middle). */
void chart_write_small(FILE *to, const struct chart *c);

#endif
