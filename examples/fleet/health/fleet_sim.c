/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry-fleet-sim: many simulated rollouts, and when each was frozen. Knows how runs
 * share the processors, and how results are told. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chart.h"
#include "sim_args.h"

/* ---- running --------------------------------------------------------------------- */

struct work {
    const struct settings *s;
    struct sim_result *result;
    pthread_mutex_t lock;
    uint32_t next, done;
    bool no_memory;
    time_t began;
};

static void progress(struct work *w)
{
    uint32_t left = w->s->runs - w->done;
    long so_far = (long)(time(NULL) - w->began);

    if (!w->s->quiet && isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%u of %u rollouts, %ld s left   ", (unsigned)w->done,
                (unsigned)w->s->runs, w->done > 0 ? so_far * left / w->done : 0);
        if (left == 0) {
            fputc('\n', stderr);
        }
    }
}

static void *worker(void *ctx)
{
    struct work *w = ctx;
    struct sim *sim = sim_new(&w->s->o);

    pthread_mutex_lock(&w->lock);
    w->no_memory |= sim == NULL;
    while (sim != NULL && w->next < w->s->runs) {
        uint32_t i = w->next++;
        pthread_mutex_unlock(&w->lock);
        struct sim_result r = sim_run(sim, w->s->o.seed + i, false);
        pthread_mutex_lock(&w->lock);
        w->result[i] = r;
        w->done++;
        progress(w);
    }
    pthread_mutex_unlock(&w->lock);
    sim_free(sim);
    return NULL;
}

static bool run_all(const struct settings *s, struct sim_result *result)
{
    struct work w = {.s = s, .result = result, .began = time(NULL)};
    pthread_t thread[JOBS_MAX];
    uint32_t n = 0;

    pthread_mutex_init(&w.lock, NULL);
    while (n < s->jobs && pthread_create(&thread[n], NULL, worker, &w) == 0) {
        n++;
    }
    for (uint32_t i = 0; i < n; i++) {
        pthread_join(thread[i], NULL);
    }
    pthread_mutex_destroy(&w.lock);
    return w.done == s->runs;
}

/* ---- telling --------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Of the hours that are not -1. */
struct spread {
    uint32_t n;
    int32_t median, p95, last;
};

static struct spread spread_of(const struct settings *s,
                               const struct sim_result *result, bool naive,
                               int32_t *room)
{
    struct spread p = {0, -1, -1, -1};

    for (uint32_t i = 0; i < s->runs; i++) {
        int32_t hour = naive ? result[i].naive : result[i].frozen;
        if (hour >= 0) {
            room[p.n++] = hour;
        }
    }
    if (p.n > 0) {
        qsort(room, p.n, sizeof *room, by_number);
        p.median = room[p.n / 2];
        p.p95 = room[(uint32_t)((p.n - 1) * 0.95 + 0.5)];
        p.last = room[p.n - 1];
    }
    return p;
}

static uint32_t rightly_named(const struct settings *s, const struct sim_result *result)
{
    uint32_t right = 0;

    for (uint32_t i = 0; i < s->runs; i++) {
        right += s->o.fault_revision >= 0 &&
                 result[i].blamed ==
                     health_cell_of(HEALTH_HW_REV, (unsigned)s->o.fault_revision);
    }
    return right;
}

static void tell_json(const struct settings *s, const struct sim_result *result,
                      struct spread ours, struct spread naive)
{
    printf(
        "{\"runs\": %u, \"frozen\": %u, \"median_h\": %d, \"p95_h\": %d, \"last_h\": "
        "%d, \"named\": %u, \"naive\": {\"alarmed\": %u, \"median_h\": %d, \"p95_h\": "
        "%d}, \"rollouts\": [",
        (unsigned)s->runs, (unsigned)ours.n, (int)ours.median, (int)ours.p95,
        (int)ours.last, (unsigned)rightly_named(s, result), (unsigned)naive.n,
        (int)naive.median, (int)naive.p95);
    for (uint32_t i = 0; i < s->runs; i++) {
        const struct sim_result *r = &result[i];
        printf(
            "%s\n{\"seed\": %llu, \"frozen_h\": %d, \"blamed_cell\": %d, \"silence\": "
            "%s, \"activity\": %s, \"resets\": %s, \"naive_h\": %d}",
            i > 0 ? "," : "", (unsigned long long)s->o.seed + i, (int)r->frozen,
            r->blamed < HEALTH_CELLS ? (int)r->blamed : -1,
            r->by[HEALTH_SILENCE] ? "true" : "false",
            r->by[HEALTH_ACTIVITY] ? "true" : "false",
            r->by[HEALTH_RESETS] ? "true" : "false", (int)r->naive);
    }
    printf("\n]}\n");
}

static void row(const char *name, struct spread p, uint32_t runs, const char *named)
{
    char hours[3][16] = {"-", "-", "-"};
    const int32_t value[3] = {p.median, p.p95, p.last};

    for (int i = 0; i < 3 && p.n > 0; i++) {
        snprintf(hours[i], sizeof hours[i], "%d h", (int)value[i]);
    }
    printf("%-26s %6u of %-6u %8s %8s %8s   %s\n", name, (unsigned)p.n, (unsigned)runs,
           hours[0], hours[1], hours[2], named);
}

static void tell_text(const struct settings *s, const struct sim_result *result,
                      struct spread ours, struct spread naive)
{
    char named[64] = "-";

    if (s->o.fault_revision >= 0) {
        snprintf(named, sizeof named, "revision %d: %u of %u", s->o.fault_revision,
                 (unsigned)rightly_named(s, result), (unsigned)s->runs);
    }
    printf("%u treated + %u held back, %d h, alpha %g, fault: ", (unsigned)s->o.treated,
           (unsigned)s->o.control, (int)s->o.hours, s->o.alpha);
    if (s->o.fault_revision < 0) {
        printf("none\n\n");
    } else {
        printf("%g %% of revision %d, %g +- %g h after the install\n\n",
               100 * s->o.fault_share, s->o.fault_revision, s->o.fault_h,
               s->o.fault_spread_h);
    }
    printf("%-26s %16s %8s %8s %8s   %s\n", "", "frozen", "median", "p95", "last",
           "named");
    row("fleet health", ours, s->runs, named);
    row("percent online, hourly 5 %", naive, s->runs, "-");
}

/* ---- a picture ------------------------------------------------------------------- */

/* Control of all, and each revision's treated units. */
static void draw(const struct settings *s, FILE *to, const struct sim *sim,
                 const struct sim_result *r)
{
    static uint32_t events[CURVE_MAX], leavers[CURVE_MAX];
    static struct stats_point points[SIM_REVISIONS + 1][CURVE_MAX];
    static const char *const names[] = {"revision A", "revision B", "revision C",
                                        "revision D", "control, all"};
    char mark[64];
    struct chart c = {.title = "Survival by hardware revision",
                      .subtitle = "no first silence yet, Kaplan-Meier with 95 % bands; "
                                  "as if the rollout had gone on",
                      .mark = r->frozen,
                      .mark_label = mark};
    size_t len, hours = (size_t)s->o.hours;
    const struct health_unit *units = sim_units(sim, &len);

    for (unsigned i = 0; i <= SIM_REVISIONS; i++) {
        bool control = i == SIM_REVISIONS;
        unsigned cell = control ? 0 : health_cell_of(HEALTH_HW_REV, i);
        health_curve(units, len, cell, !control, s->o.hours - 1, events, leavers, hours,
                     points[i]);
        c.line[c.lines++] =
            (struct chart_line){names[i], points[i], hours, control, false};
    }
    snprintf(mark, sizeof mark, "frozen %d h after opening", (int)r->frozen);
    chart_write(to, &c);
}

static int picture(const struct settings *s)
{
    struct sim *sim = sim_new(&s->o);

    if (sim == NULL) {
        fprintf(stderr, "ferry-fleet-sim: no memory\n");
        return 1;
    }
    struct sim_result r = sim_run(sim, s->o.seed, true);
    FILE *to = fopen(s->svg, "w");
    bool good = to != NULL;
    if (good) {
        draw(s, to, sim, &r);
        good = fclose(to) == 0;
    }
    if (!good) {
        fprintf(stderr, "ferry-fleet-sim: cannot write %s: %s\n", s->svg,
                strerror(errno));
    }
    sim_free(sim);
    return good ? 0 : 1;
}

/* ---- telemetry ------------------------------------------------------------------- */

static void note_contact(void *ctx, size_t unit, int32_t hour, bool reset)
{
    fprintf(ctx, "u%zu,%d,%d\n", unit, (int)hour, reset);
}

static void write_exposures(FILE *to, const struct sim *sim)
{
    size_t len;
    const struct health_unit *u = sim_units(sim, &len);

    fputs("unit,arm,began,hw_rev,region,from,phone\n", to);
    for (size_t i = 0; i < len; i++) {
        if (u[i].began != INT32_MAX) { /* it was heard at all */
            fprintf(to, "u%zu,%s,%d,%c,r%u,1.%u.0,app%u\n", i,
                    u[i].treated ? "treated" : "control", (int)u[i].began,
                    'A' + u[i].value[HEALTH_HW_REV], u[i].value[HEALTH_REGION],
                    u[i].value[HEALTH_FROM], u[i].value[HEALTH_PHONE]);
        }
    }
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, "w");
}

static int telemetry(const struct settings *s)
{
    struct sim *sim = sim_new(&s->o);
    FILE *contacts = open_in(s->csv, "contacts.csv");
    FILE *exposures = open_in(s->csv, "exposures.csv");
    bool good = sim != NULL && contacts != NULL && exposures != NULL;

    if (good) {
        fputs("unit,time,resets\n", contacts);
        sim_listen(sim, note_contact, contacts);
        sim_run(sim, s->o.seed, true);
        write_exposures(exposures, sim);
    }
    int why = errno;
    good = (contacts == NULL || fclose(contacts) == 0) && good;
    good = (exposures == NULL || fclose(exposures) == 0) && good;
    if (!good) {
        fprintf(stderr, "ferry-fleet-sim: cannot write in %s: %s\n", s->csv,
                strerror(why));
    }
    sim_free(sim);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct settings s = {
        .o = sim_usual(),
        .runs = 20,
        .jobs = processors > 0 && processors < JOBS_MAX ? (uint32_t)processors : 1};
    int code = sim_args(&s, argc, argv);

    if (code >= 0) {
        return code;
    }
    struct sim_result *result = calloc(s.runs, sizeof *result);
    int32_t *room = calloc(s.runs, sizeof *room);
    if (result == NULL || room == NULL || !run_all(&s, result)) {
        fprintf(stderr, "ferry-fleet-sim: no memory\n");
        code = 1;
    } else {
        struct spread ours = spread_of(&s, result, false, room);
        struct spread naive = spread_of(&s, result, true, room);
        (s.json ? tell_json : tell_text)(&s, result, ours, naive);
        code = s.svg != NULL ? picture(&s) : 0;
        code = code == 0 && s.csv != NULL ? telemetry(&s) : code;
    }
    free(result);
    free(room);
    return code;
}
