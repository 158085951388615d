/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to tell the story on a terminal or into a log. Decides nothing in it. */
#include "diary.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR 40U

void diary_open(struct diary *d)
{
    memset(d, 0, sizeof *d);
    d->live = isatty(STDOUT_FILENO) != 0;
}

static void span_text(uint32_t ms, char *text, size_t cap)
{
    snprintf(text, cap, "%u:%02u.%u", (unsigned)(ms / 60000U),
             (unsigned)(ms / 1000U % 60U), (unsigned)(ms / 100U % 10U));
}

/* The story begins on a Monday at 19:00. */
static void clock_text(uint32_t ms, char *text, size_t cap)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    uint32_t s = ms / 1000U + 19U * 3600U;

    snprintf(text, cap, "%s %02u:%02u:%02u", days[s / 86400U % 7U],
             (unsigned)(s / 3600U % 24U), (unsigned)(s / 60U % 60U),
             (unsigned)(s % 60U));
}

static void wipe(const struct diary *d)
{
    if (d->live) {
        printf("\r\033[K");
    }
}

void diary_say(struct diary *d, const struct world *w, const char *format, ...)
{
    char at[24];
    va_list args;

    wipe(d);
    clock_text(w->now, at, sizeof at);
    printf("  %s  ", at);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

static const char *waiting_for(enum ferry_wait wait)
{
    switch (wait) {
    case FERRY_WAIT_NONE:
        return NULL;
    case FERRY_WAIT_LINK:
        return "link lost";
    case FERRY_WAIT_PEER:
        return "waiting for the device";
    case FERRY_WAIT_CREDIT:
        return "no credit";
    case FERRY_WAIT_ERASING:
        return "erasing";
    case FERRY_WAIT_VERIFYING:
        return "verifying";
    case FERRY_WAIT_RESUMING:
        return "resuming";
    case FERRY_WAIT_POWER:
        return "supply low";
    case FERRY_WAIT_LATER:
        return "device says later";
    case FERRY_WAIT_RETRY:
        return "parked, will retry";
    case FERRY_WAIT_PARKED:
        return "parked until there is a new link";
    case FERRY_WAIT_REFUSED:
        return "refused";
    }
    return NULL;
}

void diary_progress(struct diary *d, const struct world *w, const char *doing)
{
    const struct diary_window *v = &d->window[d->windows - 1];
    struct ferry_courier_progress p;

    ferry_courier_progress(&w->courier, &p);
    if (p.image_len == 0) {
        return;
    }
    uint32_t percent = (uint32_t)((uint64_t)p.acked * 100U / p.image_len);
    uint32_t step = d->live ? 1 : 10;
    if (percent / step == d->last_percent / step) {
        return;
    }
    d->last_percent = percent;
    uint32_t ms = v->connected_ms > 0 ? v->connected_ms : 1;
    uint32_t rate = (uint32_t)((uint64_t)(p.acked - v->from) * 1000U / ms);
    uint32_t left = rate > 0 ? (p.image_len - p.acked) / rate : 0;
    const char *wait = waiting_for(p.wait);

    wipe(d);
    printf("                [%-*.*s] %3u %%  %5u B/s  %u:%02u left  %s", BAR,
           (int)(percent * BAR / 100U), "########################################",
           (unsigned)percent, (unsigned)rate, (unsigned)(left / 60U),
           (unsigned)(left % 60U), wait != NULL ? wait : doing);
    if (d->live) {
        fflush(stdout);
        usleep(15000); /* virtual time is too fast to watch */
    } else {
        printf("\n");
    }
}

void diary_refused(struct diary *d, int err)
{
    unsigned i = 0;

    while (i < DIARY_REFUSALS - 1 && d->refusal[i].times > 0 &&
           d->refusal[i].err != err) {
        i++;
    }
    d->refusal[i].err = err;
    d->refusal[i].times++;
}

static uint32_t on_air(const struct world *w)
{
    return w->link.bytes[0] + w->link.bytes[1];
}

struct diary_window *diary_arrive(struct diary *d, const char *day, const char *phone,
                                  const struct world *w)
{
    struct diary_window *v = &d->window[d->windows++];

    memset(v, 0, sizeof *v);
    v->day = day;
    v->phone = phone;
    v->mtu = w->link.mtu;
    v->bytes = on_air(w);
    d->last_percent = 0;
    return v;
}

void diary_leave(struct diary_window *v, const struct world *w)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(&w->courier, &p);
    v->to = p.acked;
    v->bytes = on_air(w) - v->bytes;
    v->frames = w->courier.counts.frames_out;
    v->repeated = w->courier.counts.bytes_repeated;
}

/* ---- the end --------------------------------------------------------------------- */

static uint32_t limit_of(const struct world *w, uint16_t mtu)
{
    return w->link.per_event * (mtu - 3U) * 1000U / w->link.interval_ms;
}

static void window_rows(const struct diary *d, const struct world *w)
{
    printf("\n  %-10s %-9s %4s %9s %16s %8s %9s %10s\n", "window", "phone", "MTU",
           "connected", "image bytes", "B/s", "of limit", "sent twice");
    for (unsigned i = 0; i < d->windows; i++) {
        const struct diary_window *v = &d->window[i];
        char took[16];
        uint32_t ms = v->connected_ms > 0 ? v->connected_ms : 1;
        uint32_t rate = (uint32_t)((uint64_t)(v->to - v->from) * 1000U / ms);
        span_text(v->connected_ms, took, sizeof took);
        printf("  %-10s %-9s %4u %9s %7u..%7u %8u %7u %% %10u\n", v->day, v->phone,
               (unsigned)v->mtu, took, (unsigned)v->from, (unsigned)v->to,
               (unsigned)rate, (unsigned)(rate * 100U / limit_of(w, v->mtu)),
               (unsigned)v->repeated);
    }
}

void diary_table(const struct diary *d, const struct world *w, uint32_t image_len,
                 uint32_t security, uint32_t transfer, uint32_t erases, uint32_t writes)
{
    uint32_t frames = 0, bytes = 0, repeated = 0;

    window_rows(d, w);
    for (unsigned i = 0; i < d->windows; i++) {
        frames += d->window[i].frames;
        bytes += d->window[i].bytes;
        repeated += d->window[i].repeated;
    }
    printf("\n  %-34s %u\n", "sessions (HELLO to the end)", (unsigned)d->sessions);
    printf("  %-34s %u\n", "resumes from what flash held", (unsigned)d->resumes);
    printf("  %-34s %u / %u\n", "links lost / batteries empty", (unsigned)d->links_lost,
           (unsigned)d->batteries);
    printf("  %-34s %u\n", "frames sent by phones", (unsigned)frames);
    printf("  %-34s %u for %u of image\n", "bytes on the air, both ways",
           (unsigned)bytes, (unsigned)image_len);
    printf("  %-34s %u\n", "payload bytes sent twice in a session", (unsigned)repeated);
    printf("  %-34s %u erases, %u programs\n", "flash", (unsigned)erases,
           (unsigned)writes);
    printf("  %-34s %u\n", "transfer errors (caught by hash)", (unsigned)transfer);
    printf("  %-34s %u\n", "SECURITY EVENTS (signature refused)", (unsigned)security);
    for (unsigned i = 0; i < DIARY_REFUSALS && d->refusal[i].times > 0; i++) {
        printf("  refused %ux %-11s %s\n", (unsigned)d->refusal[i].times,
               ferry_errname(d->refusal[i].err), ferry_strerror(d->refusal[i].err));
    }
}

void diary_week(const struct diary *d, uint32_t image_len)
{
    printf("\n  The image, window by window (# carried then, = already in flash)\n\n");
    for (unsigned i = 0; i < d->windows; i++) {
        const struct diary_window *v = &d->window[i];
        unsigned from = (unsigned)((uint64_t)v->from * 60U / image_len);
        unsigned to = (unsigned)((uint64_t)v->to * 60U / image_len);
        if (v->to == v->from) {
            continue;
        }
        printf("  %-10s |", v->day);
        for (unsigned x = 0; x < 60; x++) {
            putchar(x < from ? '=' : x < to ? '#' : ' ');
        }
        printf("| %3u %%\n", (unsigned)((uint64_t)v->to * 100U / image_len));
    }
    printf("\n");
}
