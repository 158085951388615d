/* SPDX-License-Identifier: Apache-2.0
 *
 * The table: which cells are measured, over how many links each, and what some of them
 * must reach. */
#ifndef FERRY_BENCH_TABLE_H
#define FERRY_BENCH_TABLE_H

#include <stddef.h>

#include "cell.h"

#define TABLE_MAX 1024U

struct row {
    struct cell cell;
    unsigned runs; /* wanted */
    bool article;  /* the slow phone that the received design tells of */
    /* what it must reach; 0: nothing but what all must */
    double least_goodput, least_session;
    unsigned most_ram;
    struct cell_sums sums;
};

/* The named cells, and unless `brief` the whole grid. `seeds`: runs of a cell that loses
 * values. Returns how many rows there are. */
size_t table_make(struct row *rows, unsigned seeds, bool brief);

#endif
