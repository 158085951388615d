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
    bool control; /* drawn in grey, behind the others */
};

struct chart {
    const char *title, *subtitle;
    struct chart_line line[CHART_LINES_MAX];
    unsigned lines;
    int32_t mark; /* hour of a vertical mark, or -1 */
    const char *mark_label;
};

/* A whole SVG document, or, with `inside`, the element alone for a page. */
void chart_write(FILE *to, const struct chart *c, bool inside);

#endif
