/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of the check-ins, in numbers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "load.h"

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double ms(const int64_t *sorted, uint32_t n, double share)
{
    uint32_t at = (uint32_t)(share * n);

    return n == 0 ? 0 : (double)sorted[at < n ? at : n - 1] / 1000.0;
}

void load_tell(const struct load_request *all, uint32_t count, int64_t took_us,
               uint32_t again, uint32_t lost)
{
    int64_t *took = calloc(count + 1U, sizeof *took);
    uint32_t good = 0, is_new = 0, busy = 0, busy_until = 0, other = 0, unanswered = 0;

    for (uint32_t i = 0; took != NULL && i < count; i++) {
        const struct load_request *r = &all[i];
        if (r->status == 200) {
            took[good++] = r->took_us;
            is_new += r->is_new;
        } else if (r->status == 503) {
            busy++;
            busy_until += r->retries;
        } else {
            other++;
            unanswered += r->status == 0;
        }
    }
    if (took != NULL) {
        qsort(took, good, sizeof *took, ascending);
        printf("{\"sent\": %" PRIu32 ", \"accepted\": %" PRIu32 ", \"new\": %" PRIu32
               ", \"busy\": %" PRIu32 ", \"retry_after\": %" PRIu32
               ", \"failed\": %" PRIu32 ", \"unanswered\": %" PRIu32
               ", \"seconds\": %.3f, \"per_second\": %.1f"
               ", \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f"
               ", \"max_ms\": %.3f, \"again\": %" PRIu32 ", \"lost\": %" PRIu32 "}\n",
               count, good, is_new, busy, busy_until, other, unanswered,
               (double)took_us / 1e6, good / ((double)took_us / 1e6),
               ms(took, good, 0.5), ms(took, good, 0.99), ms(took, good, 0.999),
               ms(took, good, 1), again, lost);
    }
    free(took);
}
