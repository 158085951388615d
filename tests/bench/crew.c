/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows processes: each takes every so many-th job and writes what it found into one pipe.
 * Does not know what a job is about. */
#include "crew.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_PROCESSES 16L

/* On its way through the pipe: smaller than an atomic write. */
struct parcel {
    uint64_t job;
    uint8_t finding[CREW_FINDING_MAX];
};

static size_t parcel_len(const struct crew_work *w)
{
    return offsetof(struct parcel, finding) + w->finding_len;
}

static bool work(const struct crew_work *w, size_t first, size_t step, int to)
{
    static struct parcel p;

    for (size_t i = first; i < w->n; i += step) {
        memset(&p, 0, sizeof p);
        p.job = i;
        w->work(w->ctx, i, p.finding);
        if (write(to, &p, parcel_len(w)) != (ssize_t)parcel_len(w)) {
            return false;
        }
    }
    return true;
}

/* How far it is: on a terminal in one line, again and again; elsewhere now and then. */
struct progress {
    const char *who;
    time_t began, shown;
    double done, all;
    bool terminal;
};

static void show(struct progress *p)
{
    time_t now = time(NULL);
    double gone = difftime(now, p->began);

    if (difftime(now, p->shown) < (p->terminal ? 1 : 20)) {
        return;
    }
    p->shown = now;
    fprintf(stderr, "%s%s: %3.0f %%, about %.0f s to go%s", p->terminal ? "\r" : "",
            p->who, 100 * p->done / p->all, gone * (p->all - p->done) / p->done,
            p->terminal ? "   " : "\n");
    fflush(stderr);
}

static double effort(const struct crew_work *w, size_t i)
{
    return w->effort != NULL ? w->effort(w->ctx, i) : 1;
}

static size_t collect(const struct crew_work *w, int from)
{
    struct progress p = {
        .who = w->who, .began = time(NULL), .terminal = isatty(STDERR_FILENO)};
    static struct parcel got;
    size_t found = 0;

    p.shown = p.began;
    for (size_t i = 0; i < w->n; i++) {
        p.all += effort(w, i);
    }
    while (read(from, &got, parcel_len(w)) == (ssize_t)parcel_len(w)) {
        memcpy((uint8_t *)w->findings + got.job * w->finding_len, got.finding,
               w->finding_len);
        p.done += effort(w, (size_t)got.job);
        found++;
        show(&p);
    }
    if (p.terminal) {
        fprintf(stderr, "\r%-48s\r", "");
    }
    return found;
}

bool crew_run(const struct crew_work *w, unsigned processes)
{
    unsigned started = 0;
    int ends[2], status;

    fflush(stdout);
    if (w->finding_len > CREW_FINDING_MAX || pipe(ends) != 0) {
        return false;
    }
    for (; started < processes; started++) {
        pid_t pid = fork();
        if (pid < 0) {
            break;
        }
        if (pid == 0) {
            close(ends[0]);
            _exit(work(w, started, processes, ends[1]) ? 0 : 1);
        }
    }
    close(ends[1]);
    bool fine = collect(w, ends[0]) == w->n;
    close(ends[0]);
    while (started-- > 0) {
        fine = wait(&status) > 0 && status == 0 && fine;
    }
    return fine;
}

unsigned crew_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return (unsigned)(n < 1 ? 1 : n > MOST_PROCESSES ? MOST_PROCESSES : n);
}
