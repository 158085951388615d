/* SPDX-License-Identifier: Apache-2.0
 *
 * What every cell must reach, and the named ones besides. */
#ifndef FERRY_BENCH_JUDGE_H
#define FERRY_BENCH_JUDGE_H

#include "table.h"

/* The best of the others in as much RAM as this cell's pool, and its name. */
double judge_best_peer(const struct cell *c, const char **name);

/* Complaints about this row, each in a line on stderr; how many. */
unsigned judge_row(const struct row *r);

#endif
