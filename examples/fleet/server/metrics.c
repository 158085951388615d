/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows Prometheus' text format. What is counted here begins with the process; what is
 * told of rollouts comes from the same views as the page. */
#include "metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../model/exposure.h"
#include "../view/view.h"
#include "route.h"
#include "server.h"

#define HORIZON_H 72

/* Upper bounds, in microseconds. */
static const int64_t bounds[METRICS_BUCKETS - 1] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000};

void metrics_request(struct metrics *m, unsigned route, unsigned status, int64_t us)
{
    struct metrics_route *row = &m->route[route];
    unsigned bucket = 0;

    while (bucket < METRICS_BUCKETS - 1 && us > bounds[bucket]) {
        bucket++;
    }
    atomic_fetch_add(&row->status[status / 100 % 6], 1);
    atomic_fetch_add(&row->bucket[bucket], 1);
    atomic_fetch_add(&row->us, us);
}

/* ---- this process ---------------------------------------------------------------- */

static void head(FILE *to, const char *name, const char *type, const char *help)
{
    fprintf(to, "# HELP ferryd_%s %s\n# TYPE ferryd_%s %s\n", name, help, name, type);
}

static void put_labels(FILE *to, const char *name, unsigned row)
{
    bool known = row < route_count;

    fprintf(to, "ferryd_%s{method=\"%s\",path=\"%s\"", name,
            known ? route_table[row].method : "", known ? route_table[row].path : "");
}

static bool asked(struct metrics *m, unsigned row)
{
    return (row < route_count || row == METRICS_ROUTES_MAX) && m->route[row].us > 0;
}

static void put_requests(FILE *to, struct metrics *m)
{
    head(to, "requests_total", "counter", "Answers, by route and class of status.");
    for (unsigned row = 0; row <= METRICS_ROUTES_MAX; row++) {
        for (unsigned class = 1; asked(m, row) && class < 6; class ++) {
            int64_t n = m->route[row].status[class];
            if (n > 0) {
                put_labels(to, "requests_total", row);
                fprintf(to, ",status=\"%uxx\"} %" PRId64 "\n", class, n);
            }
        }
    }
}

static void put_latency(FILE *to, struct metrics *m, unsigned row)
{
    int64_t so_far = 0;

    for (unsigned b = 0; b < METRICS_BUCKETS; b++) {
        so_far += m->route[row].bucket[b];
        put_labels(to, "request_seconds_bucket", row);
        if (b < METRICS_BUCKETS - 1) {
            fprintf(to, ",le=\"%g\"} %" PRId64 "\n", (double)bounds[b] / 1e6, so_far);
        } else {
            fprintf(to, ",le=\"+Inf\"} %" PRId64 "\n", so_far);
        }
    }
    put_labels(to, "request_seconds_sum", row);
    fprintf(to, "} %g\n", (double)m->route[row].us / 1e6);
    put_labels(to, "request_seconds_count", row);
    fprintf(to, "} %" PRId64 "\n", so_far);
}

static void put_latencies(FILE *to, struct metrics *m)
{
    head(to, "request_seconds", "histogram",
         "From a request's first byte to its answer.");
    for (unsigned row = 0; row <= METRICS_ROUTES_MAX; row++) {
        if (asked(m, row)) {
            put_latency(to, m, row);
        }
    }
}

static void put_statements(FILE *to, struct metrics *m)
{
    static const char *const names[] = {"new", "known", "late", "bad"};

    head(to, "statements_total", "counter",
         "Statements checked in, by what they were.");
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        int64_t n = m->statements[i];
        fprintf(to, "ferryd_statements_total{was=\"%s\"} %" PRId64 "\n", names[i], n);
    }
}

static void put_one(FILE *to, const char *name, const char *type, const char *help,
                    double value)
{
    head(to, name, type, help);
    fprintf(to, "ferryd_%s %.17g\n", name, value);
}

/* Of physical memory, in bytes; 0 where the system does not say. */
static double resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size, pages = 0;

    if (file != NULL && fscanf(file, "%ld %ld", &size, &pages) != 2) {
        pages = 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void put_process(FILE *to, struct server *s)
{
    struct writer_state w;

    writer_state(s->writer, &w);
    put_one(to, "busy_total", "counter", "Requests sent away: the queue was full.",
            (double)s->metrics.busy);
    put_one(to, "limited_total", "counter", "Requests sent away: too many of a relay.",
            (double)s->metrics.limited);
    put_one(to, "queue_jobs", "gauge", "Requests that wait to be stored.", w.waiting);
    put_one(to, "queue_room", "gauge", "So many may wait.", w.room);
    put_one(to, "commits_total", "counter", "Transactions that were stored.",
            (double)w.groups);
    put_one(to, "stored_total", "counter", "Requests that were stored.",
            (double)w.jobs);
    put_one(to, "healthy", "gauge", "1: the last transaction was stored.", w.healthy);
    put_one(to, "ticks_total", "counter", "Hours looked at.", (double)w.ticks);
    put_one(to, "tick_seconds", "gauge", "What the last hour's look took.",
            (double)w.tick_us / 1e6);
    put_one(to, "fleet_time_seconds", "gauge", "Fleet time.",
            (double)fleet_clock_now(&s->clock));
    put_one(to, "resident_bytes", "gauge", "Memory.", resident());
}

/* ---- rollouts -------------------------------------------------------------------- */

static double real_of(const json_t *row, const char *name)
{
    const json_t *value = json_object_get(row, name);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A label's value: what would end it is left out. */
static void put_label(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text != '"' && *text != '\\' && *text >= ' ') {
            fputc(*text, to);
        }
    }
}

static void put_survival(FILE *to, int64_t no, const json_t *row)
{
    static const char *const names[] = {"n_t", "n_c", "p_t", "p_c",
                                        "rs",  "low", "high"};
    const char *value = json_string_value(json_object_get(row, "value"));

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        double n = real_of(row, names[i]);
        if (!isnan(n)) {
            fprintf(to, "ferryd_survival{rollout=\"%" PRId64 "\",hw_rev=\"", no);
            put_label(to, value != NULL ? value : "");
            fprintf(to, "\",number=\"%s\"} %.9g\n", names[i], n);
        }
    }
}

/* Numbers of those that are over are not worth reading all their units each time. */
static bool is_live(const json_t *rollout)
{
    const char *state = json_string_value(json_object_get(rollout, "state"));

    return state != NULL &&
           (strcmp(state, "open") == 0 || strcmp(state, "frozen") == 0);
}

static void put_rollouts(FILE *to, struct reader *r, const json_t *rollouts)
{
    const json_t *one;
    size_t i;

    head(to, "rollout_state", "gauge",
         "1, with its state; \"frozen\" is for an alarm.");
    json_array_foreach(rollouts, i, one)
    {
        const char *state = json_string_value(json_object_get(one, "state"));
        fprintf(to,
                "ferryd_rollout_state{rollout=\"%" JSON_INTEGER_FORMAT
                "\",state=\"%s\"} 1\n",
                json_integer_value(json_object_get(one, "no")),
                state != NULL ? state : "");
    }
    head(to, "survival", "gauge",
         "Share active 72 h after the offer: treated, control, their ratio, by "
         "revision.");
    json_array_foreach(rollouts, i, one)
    {
        int64_t no = json_integer_value(json_object_get(one, "no"));
        if (!is_live(one)) {
            continue;
        }
        json_t *health = view_health(r->db, no, HEALTH_HW_REV, HORIZON_H, false);
        const json_t *row;
        size_t k;
        json_array_foreach(json_object_get(health, "values"), k, row)
        {
            put_survival(to, no, row);
        }
        json_decref(health);
    }
}

/* Counts of a stream since the beginning, by what they are. */
static void put_stream(FILE *to, const char *metric, const char *help, const char *by,
                       const json_t *counts)
{
    const char *name;
    const json_t *n;

    head(to, metric, "counter", help);
    json_object_foreach((json_t *)(uintptr_t)counts, name, n)
    {
        fprintf(to, "ferryd_%s{%s=\"", metric, by);
        put_label(to, name);
        fprintf(to, "\"} %" JSON_INTEGER_FORMAT "\n", json_integer_value(n));
    }
}

static void put_fleet(FILE *to, const json_t *fleet)
{
    const char *name;
    const json_t *value;

    put_stream(to, "security_events_total", "Security events.", "kind",
               json_object_get(fleet, "security"));
    put_stream(to, "transfer_reports_total", "Transfers, as phones say.", "outcome",
               json_object_get(fleet, "reports"));
    head(to, "fleet", "gauge", "Counts of the whole fleet.");
    json_object_foreach((json_t *)(uintptr_t)fleet, name, value)
    {
        if (json_is_integer(value)) {
            fprintf(to, "ferryd_fleet{of=\"%s\"} %" JSON_INTEGER_FORMAT "\n", name,
                    json_integer_value(value));
        }
    }
}

char *metrics_text(struct server *s, struct reader *r, size_t *len)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, len);
    int64_t now = fleet_clock_now(&s->clock);

    if (to == NULL) {
        return NULL;
    }
    json_t *rollouts = view_rollouts(r->db, now), *fleet = view_fleet(r->db, now);
    put_requests(to, &s->metrics);
    put_latencies(to, &s->metrics);
    put_statements(to, &s->metrics);
    put_process(to, s);
    put_rollouts(to, r, json_object_get(rollouts, "rollouts"));
    put_fleet(to, fleet);
    json_decref(rollouts);
    json_decref(fleet);
    fclose(to);
    return text;
}
