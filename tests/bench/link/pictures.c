/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what is worth seeing. Does not know how a chart is drawn. */
#include "pictures.h"

#include <stdio.h>

#include "../svg.h"
#include "jobs.h"
#include "peers.h"
#include "week.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WEEK_POINTS 512U

static bool draw(const char *folder, const char *name, const struct svg_chart *chart)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!svg_write(path, chart)) {
        fprintf(stderr, "bench-link: %s: cannot be written\n", path);
        return false;
    }
    return true;
}

static bool measure(struct row *rows, size_t n, unsigned processes)
{
    if (!jobs_run(rows, n, processes)) {
        fprintf(stderr, "bench-link: a process did not do its work\n");
        return false;
    }
    return true;
}

/* ---- goodput against loss -------------------------------------------------------- */

static const double losses_pct[] = {0, 0.5, 1, 2, 3, 4, 5, 6, 8, 10};
#define LOSSES COUNT(losses_pct)

static bool draw_losses(const char *folder, const char *name, const char *title,
                        const struct row *rows)
{
    static double y[5][LOSSES];
    static const char *const names[5] = {"Ferry", "SMP (mcumgr), best cut",
                                         "Nordic DFU, PRN 0", "Nordic DFU, PRN 12",
                                         "stop-and-wait"};
    struct svg_line lines[5];

    for (size_t i = 0; i < LOSSES; i++) {
        const struct cell *c = &rows[i].cell;
        y[0][i] = cell_goodput(&rows[i].sums) / 1000;
        y[1][i] = peer_smp(c, cell_pool_len(c)) / 1000;
        y[2][i] = peer_nordic(c, 0) / 1000;
        y[3][i] = peer_nordic(c, 12) / 1000;
        y[4][i] = peer_stop_and_wait(c) / 1000;
    }
    for (size_t k = 0; k < COUNT(lines); k++) {
        lines[k] = (struct svg_line){names[k], losses_pct, y[k], LOSSES, false};
    }
    return draw(folder, name,
                &(struct svg_chart){title, "values lost, percent", "goodput, kB/s",
                                    lines, COUNT(lines)});
}

static bool against_loss(const char *folder, unsigned seeds, unsigned processes)
{
    static struct row rows[2 * LOSSES];

    for (size_t i = 0; i < LOSSES; i++) {
        struct row r = {.cell = {.mtu = 23,
                                 .ci_ms = 30,
                                 .n = 4,
                                 .loss_ppm = (uint32_t)(losses_pct[i] * 10000),
                                 .chunk = 128,
                                 .pool = 3,
                                 .reply_events = 2},
                        .runs = i > 0 ? seeds : 1};
        rows[i] = r;
        r.cell.mtu = 247;
        r.cell.pool = 16;
        rows[LOSSES + i] = r;
    }
    return measure(rows, COUNT(rows), processes) &&
           draw_losses(folder, "goodput-loss-mtu23.svg",
                       "MTU 23, 30 ms, 4 values an event, pool of 3 chunks", rows) &&
           draw_losses(folder, "goodput-loss-mtu247.svg",
                       "MTU 247, 30 ms, 4 values an event, pool of 16 chunks",
                       rows + LOSSES);
}

/* ---- goodput against pool -------------------------------------------------------- */

static const double pools[] = {3,  4,  6,  8,  10, 11, 12, 13, 14,
                               15, 16, 18, 20, 22, 24, 28, 32};
#define POOLS COUNT(pools)

static bool against_pool(const char *folder, unsigned processes)
{
    static struct row rows[4 * POOLS];
    static double y[4][POOLS];
    static const char *const names[4] = {"no flash time", "sliced erase",
                                         "whole-page erase", "radio silent"};
    static const enum flash_time_model models[4] = {FLASH_TIMELESS, FLASH_SLICED,
                                                    FLASH_ALIVE, FLASH_SILENT};
    struct svg_line lines[4];

    for (size_t i = 0; i < COUNT(rows); i++) {
        rows[i] = (struct row){.cell = {.mtu = 247,
                                        .ci_ms = 30,
                                        .n = 4,
                                        .chunk = 128,
                                        .pool = (uint8_t)pools[i % POOLS],
                                        .reply_events = 2,
                                        .flash = models[i / POOLS]},
                               .runs = 1};
    }
    if (!measure(rows, COUNT(rows), processes)) {
        return false;
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        y[i / POOLS][i % POOLS] = cell_goodput(&rows[i].sums) / 1000;
    }
    for (size_t k = 0; k < COUNT(lines); k++) {
        lines[k] = (struct svg_line){names[k], pools, y[k], POOLS, false};
    }
    return draw(folder, "goodput-pool.svg",
                &(struct svg_chart){"MTU 247, 30 ms, 4 values an event, nRF52840 flash",
                                    "pool, chunks of 128 bytes", "goodput, kB/s", lines,
                                    COUNT(lines)});
}

/* ---- a week ---------------------------------------------------------------------- */

static bool week(const char *folder)
{
    static double days[WEEK_POINTS], kib[WEEK_POINTS];
    struct svg_line line = {"one device", days, kib, 0, true};

    line.n = week_run(days, kib, WEEK_POINTS);
    return draw(folder, "week.svg",
                &(struct svg_chart){"Four minutes a day: 1 value in 80 ms, 5 % lost, "
                                    "a new battery on day 3.5",
                                    "days", "verified, KiB of 200", &line, 1});
}

bool pictures_draw(const char *folder, unsigned seeds, unsigned processes)
{
    return week(folder) && against_pool(folder, processes) &&
           against_loss(folder, seeds, processes);
}
