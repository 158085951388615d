/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a row takes and how its runs are summed. Does not know processes. */
#include "jobs.h"

#include "../crew.h"

static void measure(void *ctx, size_t i, void *finding)
{
    const struct row *r = (const struct row *)ctx + i;

    for (uint64_t seed = 1; seed <= r->runs; seed++) {
        cell_run(&r->cell, seed, finding);
    }
}

/* Events that a row takes, roughly: what time to expect. */
static double effort(void *ctx, size_t i)
{
    const struct row *r = (const struct row *)ctx + i;

    return r->runs * (20.0 + (double)CELL_IMAGE_LEN / (r->cell.mtu - 3U));
}

bool jobs_run(struct row *rows, size_t n, unsigned processes)
{
    static struct cell_sums sums[TABLE_MAX];
    struct crew_work w = {"bench-link", rows, n, measure, effort, sums, sizeof sums[0]};

    if (n > TABLE_MAX || !crew_run(&w, processes)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        rows[i].sums = sums[i];
    }
    return true;
}
