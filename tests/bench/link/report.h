/* SPDX-License-Identifier: Apache-2.0
 *
 * The table as it is told: in lines for people, as JSON for programs. */
#ifndef FERRY_BENCH_REPORT_H
#define FERRY_BENCH_REPORT_H

#include "table.h"

/* rt: events a round trip; q: what a careless phone's queue holds; %: of the limit. */
void report_head(void);
void report_row(const struct row *r);
/* One object a line: Ferry's, and the others' over the same link. */
void report_json(const struct row *r);
/* Minutes and packets of the slow phone, beside stop-and-wait. */
void report_article(const struct row *r);

#endif
