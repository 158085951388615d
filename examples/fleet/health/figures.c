/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleet health as people look at it: shares of each arm, and survival by age. Knows whom
 * to count for each figure; nothing here is a test, and no alarm follows from it. */
#include <string.h>

#include "health_in.h"

struct stats_ratio health_relative(const struct health_unit *units, size_t len,
                                   unsigned cell, int32_t now, int32_t horizon_h,
                                   struct stats_share *treated,
                                   struct stats_share *control)
{
    *treated = *control = (struct stats_share){0, 0};
    for (size_t i = 0; i < len; i++) {
        const struct health_unit *u = &units[i];
        if (u->began > now - horizon_h || !in_cell(u, cell)) {
            continue; /* too young, or not offered anything yet */
        }
        int32_t due = u->began + horizon_h;
        if (u->left >= 0 && u->left < due) {
            continue;
        }
        struct stats_share *share = u->treated ? treated : control;
        share->n++;
        share->alive += u->seen >= due - HEALTH_LOOK_BACK_H;
    }
    return stats_relative(*treated, *control);
}

/* Of a test: is this unit counted, and is it well? */
struct answer {
    bool counted, well;
};

static struct answer speaking(const struct health_unit *u, int32_t now)
{
    (void)now;
    return (struct answer){true, u->silent < 0};
}

static struct answer active(const struct health_unit *u, int32_t now)
{
    return (struct answer){is_asked(u, now), !is_inactive(u, now)};
}

static struct answer steady(const struct health_unit *u, int32_t now)
{
    (void)now;
    return (struct answer){true, !u->reset};
}

static struct stats_ratio
share(struct answer (*ask)(const struct health_unit *u, int32_t now),
      const struct health_unit *units, size_t len, unsigned cell, int32_t now,
      struct stats_share *treated, struct stats_share *control)
{
    *treated = *control = (struct stats_share){0, 0};
    for (size_t i = 0; i < len; i++) {
        const struct health_unit *u = &units[i];
        struct answer a = ask(u, now);
        if (a.counted && is_here(u, now) && in_cell(u, cell)) {
            struct stats_share *arm = u->treated ? treated : control;
            arm->n++;
            arm->alive += a.well;
        }
    }
    return stats_relative(*treated, *control);
}

struct stats_ratio health_speaking(const struct health_unit *units, size_t len,
                                   unsigned cell, int32_t now,
                                   struct stats_share *treated,
                                   struct stats_share *control)
{
    return share(speaking, units, len, cell, now, treated, control);
}

struct stats_ratio health_active(const struct health_unit *units, size_t len,
                                 unsigned cell, int32_t now,
                                 struct stats_share *treated,
                                 struct stats_share *control)
{
    return share(active, units, len, cell, now, treated, control);
}

struct stats_ratio health_steady(const struct health_unit *units, size_t len,
                                 unsigned cell, int32_t now,
                                 struct stats_share *treated,
                                 struct stats_share *control)
{
    return share(steady, units, len, cell, now, treated, control);
}

void health_curve(const struct health_unit *units, size_t n, unsigned cell,
                  bool treated, int32_t now, uint32_t *events, uint32_t *leavers,
                  size_t len, struct stats_point *points)
{
    uint32_t begin = 0;

    memset(events, 0, len * sizeof *events);
    memset(leavers, 0, len * sizeof *leavers);
    for (size_t i = 0; i < n; i++) {
        const struct health_unit *u = &units[i];
        if (u->treated != treated || u->began > now || !in_cell(u, cell)) {
            continue;
        }
        begin++;
        int32_t end = u->silent >= 0 ? u->silent : u->left >= 0 ? u->left : now;
        size_t age = (size_t)(end - u->began);
        if (age < len) {
            (u->silent >= 0 ? events : leavers)[age]++;
        }
    }
    stats_kaplan_meier(begin, events, leavers, len, points);
}
