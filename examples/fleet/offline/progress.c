/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how progress looks: drawn over and over on a terminal, a line now and then
 * anywhere else, nothing of what is over before anybody would ask. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "offline_in.h"

#define DRAW_MS 250
#define LINE_MS 5000

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *p, const char *what, int64_t total)
{
    *p = (struct progress){.what = what, .total = total, .terminal = isatty(2) != 0};
    p->begun_ms = p->drawn_ms = now_ms();
}

void progress_at(struct progress *p, int64_t done)
{
    int64_t now = now_ms(), took = now - p->begun_ms;

    if (now - p->drawn_ms < (p->terminal ? DRAW_MS : LINE_MS) || done == 0) {
        return;
    }
    p->drawn_ms = now;
    int64_t left_s = took * (p->total - done) / done / 1000;
    fprintf(stderr, "%s%lld of %lld %s, %lld:%02lld left%s",
            p->terminal ? "\r\33[K" : "", (long long)done, (long long)p->total, p->what,
            (long long)(left_s / 60), (long long)(left_s % 60),
            p->terminal ? "" : "\n");
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->terminal) {
        fprintf(stderr, "\r\33[K");
    }
}
