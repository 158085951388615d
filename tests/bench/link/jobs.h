/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the rows of a table in several processes, and says on stderr how far it is. */
#ifndef FERRY_BENCH_JOBS_H
#define FERRY_BENCH_JOBS_H

#include "table.h"

/* Fill in the sums of all rows. False: a process did not do its work. */
bool jobs_run(struct row *rows, size_t n, unsigned processes);

#endif
