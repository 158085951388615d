/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how lives are summed. Does not know which sum is good. */
#include "sums.h"

#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The least value that is not less than this share of all. */
static double at(const double *sorted, size_t n, double share)
{
    size_t rank = (size_t)(share * (double)n);

    rank += (double)rank < share * (double)n;
    return sorted[rank > 0 ? rank - 1 : 0];
}

static struct spread spread_of(double *values, size_t n)
{
    struct spread s = {0, 0, 0, 0, 0};

    if (n == 0) {
        return s;
    }
    qsort(values, n, sizeof *values, by_size);
    for (size_t i = 0; i < n; i++) {
        s.mean += values[i] / (double)n;
    }
    s.median = at(values, n, 0.5);
    s.p95 = at(values, n, 0.95);
    s.p99 = at(values, n, 0.99);
    s.most = values[n - 1];
    return s;
}

double sums_sent(const struct life_result *r)
{
    return (double)r->sent / r->image_len;
}

static double wire(const struct life_result *r)
{
    return (double)r->wire / r->image_len;
}

static double days(const struct life_result *r)
{
    return r->days;
}

static bool any(const struct life_result *r)
{
    (void)r;
    return true;
}

static bool updated(const struct life_result *r)
{
    return r->days >= 0;
}

bool sums_calm(const struct life_result *r)
{
    return r->lost <= SUMS_LOSS_MOST * r->values &&
           life_interruptions(r) <= SUMS_INTERRUPTIONS_MOST;
}

bool sums_wasteful(const struct life_result *r)
{
    return sums_calm(r) && sums_sent(r) > SUMS_SENT_MOST;
}

static bool is_of(const struct life_result *r, unsigned mtu_class)
{
    return mtu_class == SUMS_ALL || r->mtu_class == mtu_class;
}

struct lives {
    const struct life_result *r;
    size_t n;
    unsigned mtu_class;
};

/* How `what` is spread over those that `who` means; *count: how many they are. */
static struct spread spread(const struct lives *l, double *room,
                            double (*what)(const struct life_result *),
                            bool (*who)(const struct life_result *), size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (is_of(&l->r[i], l->mtu_class) && who(&l->r[i])) {
            room[(*count)++] = what(&l->r[i]);
        }
    }
    return spread_of(room, *count);
}

static void add(struct sums *s, const struct life_result *r)
{
    s->bricks += r->brick;
    s->strays += r->stray;
    s->wasteful += sums_wasteful(r);
    s->values += r->values;
    s->lost += r->lost;
    s->visits += r->visits;
    s->gone += r->gone;
    s->killed += r->killed;
    s->reset += r->reset;
    s->starts += r->starts;
    s->parks += r->parks;
    s->statements += r->statements;
    s->rollbacks += r->rollbacks;
    s->cuts += life_cuts(r);
    for (unsigned i = 0; i < POWER_AREAS; i++) {
        s->areas[i] += r->cuts[i];
    }
    for (unsigned i = 0; i < SIM_CUTS; i++) {
        s->kinds[i] += r->kinds[i];
    }
}

void sums_make(struct sums *s, const struct life_result *r, size_t n,
               unsigned mtu_class)
{
    double *room = calloc(n, sizeof *room);
    struct lives l = {r, n, mtu_class};

    if (room == NULL) {
        abort();
    }
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < n; i++) {
        if (is_of(&r[i], mtu_class)) {
            add(s, &r[i]);
        }
    }
    s->days = spread(&l, room, days, updated, &s->updated);
    s->calm_sent = spread(&l, room, sums_sent, sums_calm, &s->calm);
    s->sent = spread(&l, room, sums_sent, any, &s->devices);
    s->wire = spread(&l, room, wire, any, &s->devices);
    free(room);
}

double sums_loss(const struct sums *s)
{
    return s->values == 0 ? 0 : (double)s->lost / (double)s->values;
}

double sums_updated_by(const struct life_result *r, size_t n, double by)
{
    size_t there = 0;

    for (size_t i = 0; i < n; i++) {
        there += updated(&r[i]) && r[i].days <= by;
    }
    return n == 0 ? 0 : 100.0 * (double)there / (double)n;
}
