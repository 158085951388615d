/* SPDX-License-Identifier: Apache-2.0
 *
 * The program: its arguments, and the order of things. */
#include <stdio.h>
#include <string.h>

#include "../args.h"
#include "../crew.h"
#include "jobs.h"
#include "judge.h"
#include "pictures.h"
#include "report.h"

#define SEEDS 20U
#define MOST 10000U /* seeds, processes */

struct wishes {
    bool json, brief;
    const char *pictures; /* a folder */
    unsigned seeds, processes;
};

static const char help[] =
    "usage: bench-link [--json] [--svg DIR] [--seeds N] [--jobs N] [--brief]\n"
    "\n"
    "How fast Ferry carries 200 KiB over simulated Bluetooth LE links, both ends "
    "being\n"
    "the real engine in virtual time, and others by their formulas (peers.h).\n"
    "\n"
    "  --json     one object a row, instead of a table\n"
    "  --svg DIR  draw goodput against loss and pool, and a week, into this folder\n"
    "  --seeds N  runs of a cell that loses values (20)\n"
    "  --jobs N   processes (one a processor)\n"
    "  --brief    only the cells with a name, none of the grid\n"
    "\n"
    "Ends 1 if a cell is slower than it must be, which is said on stderr; 2 if it "
    "cannot\n"
    "run.\n";

static int misused(const char *what)
{
    fprintf(stderr, "bench-link: %s; see --help\n", what);
    return 2;
}

/* 0: go on; 1: the help was shown; 2: misused, and said so. */
static int listen(int argc, char **argv, struct wishes *w)
{
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return 1;
        } else if (strcmp(argv[i], "--json") == 0) {
            w->json = true;
        } else if (strcmp(argv[i], "--brief") == 0) {
            w->brief = true;
        } else if (strcmp(argv[i], "--svg") == 0 && *next != '\0') {
            w->pictures = argv[++i];
        } else if (strcmp(argv[i], "--seeds") == 0 &&
                   args_number(next, MOST, &w->seeds)) {
            i++;
        } else if (strcmp(argv[i], "--jobs") == 0 &&
                   args_number(next, MOST, &w->processes)) {
            i++;
        } else {
            return misused(argv[i]);
        }
    }
    return 0;
}

static void tell(const struct row *rows, size_t n, const struct wishes *w)
{
    if (!w->json) {
        report_head();
    }
    for (size_t i = 0; i < n; i++) {
        if (w->json) {
            report_json(&rows[i]);
        } else {
            report_row(&rows[i]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (rows[i].article && !w->json) {
            report_article(&rows[i]);
        }
    }
}

static unsigned judge(const struct row *rows, size_t n)
{
    unsigned bad = 0;

    for (size_t i = 0; i < n; i++) {
        bad += judge_row(&rows[i]);
    }
    return bad;
}

int main(int argc, char **argv)
{
    static struct row rows[TABLE_MAX];
    struct wishes w = {.seeds = SEEDS, .processes = crew_processors()};

    int heard = listen(argc, argv, &w);
    if (heard != 0) {
        return heard == 1 ? 0 : heard;
    }
    cell_prepare();
    size_t n = table_make(rows, w.seeds, w.brief);
    if (!jobs_run(rows, n, w.processes)) {
        fprintf(stderr, "bench-link: a process did not do its work\n");
        return 2;
    }
    tell(rows, n, &w);
    unsigned bad = judge(rows, n);
    if (w.pictures != NULL && !pictures_draw(w.pictures, w.seeds, w.processes)) {
        return 2;
    }
    if (!w.json) {
        printf("%zu cells, %u complaints\n", n, bad);
    }
    return bad == 0 ? 0 : 1;
}
