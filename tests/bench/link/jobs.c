/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows processes: each takes every so many-th row and writes what it found into one pipe.
 * Does not know what a row is about. */
#include "jobs.h"

#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Smaller than a pipe's atomic write. */
struct finding {
    size_t row;
    struct cell_sums sums;
};

static bool work(const struct row *rows, size_t n, size_t first, size_t step, int to)
{
    for (size_t i = first; i < n; i += step) {
        struct finding f = {.row = i};
        for (uint64_t seed = 1; seed <= rows[i].runs; seed++) {
            cell_run(&rows[i].cell, seed, &f.sums);
        }
        if (write(to, &f, sizeof f) != (ssize_t)sizeof f) {
            return false;
        }
    }
    return true;
}

/* Events that a row takes, roughly: what time to expect. */
static double effort(const struct row *r)
{
    return r->runs * (20.0 + (double)CELL_IMAGE_LEN / (r->cell.mtu - 3U));
}

/* How far it is: on a terminal in one line, again and again; elsewhere now and then. */
struct progress {
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
    fprintf(stderr, "%sbench-link: %3.0f %%, about %.0f s to go%s",
            p->terminal ? "\r" : "", 100 * p->done / p->all,
            gone * (p->all - p->done) / p->done, p->terminal ? "   " : "\n");
    fflush(stderr);
}

static size_t collect(struct row *rows, size_t n, int from)
{
    struct progress p = {.began = time(NULL), .terminal = isatty(STDERR_FILENO)};
    struct finding f;
    size_t found = 0;

    p.shown = p.began;
    for (size_t i = 0; i < n; i++) {
        p.all += effort(&rows[i]);
    }
    while (read(from, &f, sizeof f) == (ssize_t)sizeof f) {
        rows[f.row].sums = f.sums;
        p.done += effort(&rows[f.row]);
        found++;
        show(&p);
    }
    if (p.terminal) {
        fprintf(stderr, "\r%-48s\r", "");
    }
    return found;
}

bool jobs_run(struct row *rows, size_t n, unsigned processes)
{
    unsigned started = 0;
    int ends[2], status;
    bool fine = true;

    fflush(stdout);
    if (pipe(ends) != 0) {
        return false;
    }
    for (; started < processes; started++) {
        pid_t pid = fork();
        if (pid < 0) {
            break;
        }
        if (pid == 0) {
            close(ends[0]);
            _exit(work(rows, n, started, processes, ends[1]) ? 0 : 1);
        }
    }
    close(ends[1]);
    fine = collect(rows, n, ends[0]) == n;
    close(ends[0]);
    while (started-- > 0) {
        fine = wait(&status) > 0 && status == 0 && fine;
    }
    return fine;
}
