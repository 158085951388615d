/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server counts of itself, and its text for Prometheus. Counters are atomic:
 * every thread adds to them. */
#ifndef FERRY_FLEET_METRICS_H
#define FERRY_FLEET_METRICS_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdint.h>

#define METRICS_ROUTES_MAX 40U
#define METRICS_BUCKETS 12U

struct metrics_route {
    atomic_llong status[6];               /* by its first digit */
    atomic_llong bucket[METRICS_BUCKETS]; /* latency; the last: whatever is longer */
    atomic_llong us;
};

struct metrics {
    struct metrics_route route[METRICS_ROUTES_MAX + 1]; /* the last: no such route */
    atomic_llong statements[4];                         /* enum metrics_statement */
    atomic_llong busy, limited;                         /* answered 503 and 429 */
};

enum metrics_statement {
    STATEMENT_NEW,
    STATEMENT_KNOWN,
    STATEMENT_LATE,
    STATEMENT_BAD
};

void metrics_request(struct metrics *m, unsigned route, unsigned status, int64_t us);

struct server;
struct reader;

/* To be freed; NULL: no memory. */
char *metrics_text(struct server *s, struct reader *r, size_t *len);

#endif
