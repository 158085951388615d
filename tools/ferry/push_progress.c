/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how progress looks: a bar that is drawn over and over on a terminal, a line now
 * and then anywhere else. All of it goes to standard error. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "push.h"
#include "text.h"

#define DRAW_MS 200U /* of the wall's clock */
#define LINE_MS 3000U
#define SAMPLE_MS 500U /* of the session's: the rate is that of the last 8 s */
#define BAR 24U
#define LINE_MAX_LEN 160
#define COLUMNS 79

/* ---- words ----------------------------------------------------------------------- */

const char *push_time_text(uint32_t seconds, char text[PUSH_TIME_TEXT])
{
    if (seconds < 3600) {
        snprintf(text, PUSH_TIME_TEXT, "%u:%02u", (unsigned)(seconds / 60),
                 (unsigned)(seconds % 60));
    } else {
        snprintf(text, PUSH_TIME_TEXT, "%u:%02u:%02u", (unsigned)(seconds / 3600),
                 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
    }
    return text;
}

const char *push_later_text(const struct ferry_later *later, char text[PUSH_LATER_TEXT])
{
    switch ((enum ferry_later_why)later->why) {
    case FERRY_LATER_NONE:
        return "it has no statement to give at the moment";
    case FERRY_LATER_TRIAL:
        return "the image it runs is on trial, not confirmed yet";
    case FERRY_LATER_COMMITTED:
        return "an update waits for its restart";
    case FERRY_LATER_VERIFYING:
        return "it is verifying an update";
    case FERRY_LATER_RATE:
        return "it has just checked a signature, or too many bad ones";
    case FERRY_LATER_WEAR:
        return "this update has used up what it may erase for now";
    case FERRY_LATER_PENDING:
        return "it is receiving another update";
    case FERRY_LATER_IN_USE:
        return "it is in use";
    case FERRY_LATER_BATTERY:
        snprintf(text, PUSH_LATER_TEXT, "its battery is at %u percent", later->detail);
        return text;
    case FERRY_LATER_APP:
        break;
    }
    snprintf(text, PUSH_LATER_TEXT, "its application says so (reason %u, detail %u)",
             later->why, later->detail);
    return text;
}

/* What holds it up; "" if nothing does. */
static const char *wait_text(const struct push *p,
                             const struct ferry_courier_progress *at,
                             char text[LINE_MAX_LEN])
{
    char why[PUSH_LATER_TEXT], when[PUSH_TIME_TEXT];
    uint32_t left = ferry_courier_deadline(&p->courier, ferry_clock_now(&p->clock));

    switch (at->wait) {
    case FERRY_WAIT_NONE:
        return "";
    case FERRY_WAIT_LINK:
        return "the link is down, connecting";
    case FERRY_WAIT_PEER:
        return "waiting for an answer";
    case FERRY_WAIT_CREDIT:
        return "the device is writing";
    case FERRY_WAIT_ERASING:
        return "the device is erasing";
    case FERRY_WAIT_VERIFYING:
        return "the device is verifying";
    case FERRY_WAIT_RESUMING:
        return "the device looks at what it has";
    case FERRY_WAIT_POWER:
        return "the device's supply is low";
    case FERRY_WAIT_LATER:
        snprintf(text, LINE_MAX_LEN, "later: %s; again in %s",
                 push_later_text(&at->later, why), push_time_text(left / 1000U, when));
        return text;
    case FERRY_WAIT_RETRY:
        snprintf(text, LINE_MAX_LEN, "%s: trying again",
                 ferry_strerror(ferry_courier_error(&p->courier)));
        return text;
    case FERRY_WAIT_PARKED:
    case FERRY_WAIT_REFUSED:
        return ferry_strerror(at->error);
    }
    return "";
}

/* ---- rates ----------------------------------------------------------------------- */

/* What was there when we came was not carried by us. */
static void sample(struct push_progress *g, uint32_t now, uint32_t acked)
{
    unsigned n = g->samples_len;

    if (n > 0 && acked < g->samples[n - 1].acked) {
        n = 0; /* blocks were taken back, or it began anew */
    }
    if (n > 0 && now - g->samples[n - 1].at < SAMPLE_MS) {
        return;
    }
    if (n == PUSH_SAMPLES) {
        n--;
        memmove(g->samples, g->samples + 1, n * sizeof g->samples[0]);
    }
    g->samples[n] = (struct push_sample){now, acked};
    g->samples_len = n + 1;
}

/* Bytes in a second. */
static uint32_t rate(const struct push *p, uint32_t now, uint32_t acked)
{
    const struct push_sample *first = &p->progress.samples[0];
    uint32_t ms = now - first->at;

    if (p->progress.samples_len == 0 || ms == 0) {
        return 0;
    }
    return (uint32_t)((uint64_t)(acked - first->acked) * 1000U / ms);
}

/* ---- lines ----------------------------------------------------------------------- */

/* Where the bar would push the words off the line. */
static bool is_long(enum ferry_wait wait)
{
    return wait == FERRY_WAIT_LATER || wait == FERRY_WAIT_RETRY;
}

static void compose(struct push *p, const struct ferry_courier_progress *at,
                    char line[LINE_MAX_LEN])
{
    uint32_t now = ferry_clock_now(&p->clock);
    char version[VERSION_TEXT], left[PUSH_TIME_TEXT], bar[BAR + 1], wait[LINE_MAX_LEN];
    uint32_t len = at->image_len, percent = 0;

    if (p->chosen == NULL || len == 0) {
        snprintf(line, LINE_MAX_LEN, "%s", wait_text(p, at, wait));
        return;
    }
    bool moving = ferry_courier_state(&p->courier) == FERRY_COURIER_SEND &&
                  at->wait != FERRY_WAIT_RESUMING;
    if (moving) {
        sample(&p->progress, now, at->acked);
    } else {
        p->progress.samples_len = 0;
    }
    uint32_t bytes = rate(p, now, at->acked);
    percent = (uint32_t)((uint64_t)at->acked * 100U / len);
    memset(bar, '-', BAR);
    memset(bar, '#', (uint64_t)at->acked * BAR / len);
    bar[BAR] = '\0';
    text_of_version(at->version, version);
    const char *why = wait_text(p, at, wait);
    if (is_long(at->wait)) {
        snprintf(line, LINE_MAX_LEN, "%s %3u%%  %.120s", version, (unsigned)percent,
                 why);
        return;
    }
    if (*why == '\0' && bytes > 0) {
        push_time_text((len - at->acked + bytes - 1) / bytes, left);
        snprintf(wait, sizeof wait, "%u.%u kB/s, %s left", (unsigned)(bytes / 1000U),
                 (unsigned)(bytes / 100U % 10U), left);
        why = wait;
    }
    snprintf(line, LINE_MAX_LEN, "%s [%s] %3u%% of %u bytes  %.80s", version, bar,
             (unsigned)percent, (unsigned)len, why);
}

void push_progress_init(struct push_progress *g)
{
    memset(g, 0, sizeof *g);
    g->terminal = isatty(STDERR_FILENO) != 0;
}

void push_progress_show(struct push *p)
{
    struct push_progress *g = &p->progress;
    uint32_t wall = ferry_clock_now(&p->wall);
    struct ferry_courier_progress at;
    char line[LINE_MAX_LEN];

    if (g->shown_at == 0) {
        g->shown_at = wall; /* the first one is not due at once */
    }
    if (wall - g->shown_at < (g->terminal ? DRAW_MS : LINE_MS)) {
        return;
    }
    g->shown_at = wall;
    ferry_courier_progress(&p->courier, &at);
    compose(p, &at, line);
    if (*line == '\0') {
        return;
    }
    if (g->terminal) {
        fprintf(stderr, "\r%-*.*s", COLUMNS, COLUMNS, line);
        g->drawn = true;
    } else {
        fprintf(stderr, "%s\n", line);
    }
    fflush(stderr);
}

void push_progress_clear(struct push *p)
{
    if (p->progress.drawn) {
        fprintf(stderr, "\r%-*s\r", COLUMNS, "");
        fflush(stderr);
        p->progress.drawn = false;
    }
}
