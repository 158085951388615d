/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how progress looks: a bar that is drawn over and over on a terminal, a line now
 * and then anywhere else, with --json an object a line. All of it goes to standard
 * error; what is measured and what is waited for is the courier's word. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "push.h"
#include "text.h"

#define DRAW_MS 200U /* of the wall's clock */
#define LINE_MS 3000U
#define JSON_MS 1000U
#define CHANGE_MS 200U /* for a change of what is waited for */
#define SHORT_S 5U
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

/* ---- lines ----------------------------------------------------------------------- */

/* Where the bar would push the words off the line. */
static bool is_long(enum ferry_wait wait)
{
    return wait == FERRY_WAIT_LATER || wait == FERRY_WAIT_RETRY ||
           wait == FERRY_WAIT_PARKED || wait == FERRY_WAIT_REFUSED;
}

/* Over and over while all goes well: the rate says more. */
static bool is_brief(enum ferry_wait wait)
{
    return wait == FERRY_WAIT_NONE || wait == FERRY_WAIT_CREDIT ||
           wait == FERRY_WAIT_ERASING;
}

bool push_is_short(const struct ferry_later *later)
{
    return later->seconds <= SHORT_S &&
           (later->why == FERRY_LATER_NONE || later->why == FERRY_LATER_RATE);
}

/* Worth a line of its own as soon as it begins. A refusal is the last word's. */
static bool is_news(const struct ferry_courier_progress *at)
{
    return at->wait == FERRY_WAIT_LINK || at->wait == FERRY_WAIT_RESUMING ||
           at->wait == FERRY_WAIT_POWER || at->wait == FERRY_WAIT_RETRY ||
           at->wait == FERRY_WAIT_PARKED ||
           (at->wait == FERRY_WAIT_LATER && !push_is_short(&at->later));
}

static const char *speed_text(const struct ferry_courier_progress *at,
                              char text[LINE_MAX_LEN])
{
    char left[PUSH_TIME_TEXT];
    bool busy = at->wait != FERRY_WAIT_NONE;

    push_time_text((at->left_ms + 999U) / 1000U, left);
    snprintf(text, LINE_MAX_LEN, "%u.%u kB/s, %s left%s%s%s",
             (unsigned)(at->rate / 1000U), (unsigned)(at->rate / 100U % 10U), left,
             busy ? " (" : "", busy ? ferry_courier_wait_name(at->wait) : "",
             busy ? ")" : "");
    return text;
}

static void compose(const struct push *p, const struct ferry_courier_progress *at,
                    char line[LINE_MAX_LEN])
{
    char version[VERSION_TEXT], bar[BAR + 1], text[LINE_MAX_LEN];
    uint32_t len = at->image_len;

    if (p->chosen == NULL || len == 0) {
        snprintf(line, LINE_MAX_LEN, "%s", wait_text(p, at, text));
        return;
    }
    unsigned percent = (unsigned)((uint64_t)at->acked * 100U / len);
    memset(bar, '-', BAR);
    memset(bar, '#', (uint64_t)at->acked * BAR / len);
    bar[BAR] = '\0';
    text_of_version(at->version, version);
    if (is_long(at->wait)) {
        snprintf(line, LINE_MAX_LEN, "%s %3u%%  %.120s", version, percent,
                 wait_text(p, at, text));
        return;
    }
    bool moves = at->rate > 0 && is_brief(at->wait);
    snprintf(line, LINE_MAX_LEN, "%s [%s] %3u%% of %u bytes  %.80s", version, bar,
             percent, (unsigned)len,
             moves ? speed_text(at, text) : wait_text(p, at, text));
}

/* A number, or null where there is none. */
static const char *or_null(bool there, uint32_t n, char text[16])
{
    snprintf(text, 16, there ? "%u" : "null", (unsigned)n);
    return text;
}

/* One object a line. Numbers and words of ours alone: nothing to escape. */
static void show_json(const struct push *p, const struct ferry_courier_progress *at)
{
    uint32_t until = ferry_courier_deadline(&p->courier, ferry_clock_now(&p->clock));
    bool waits = at->wait == FERRY_WAIT_LATER || at->wait == FERRY_WAIT_RETRY;
    char rate[16], left[16], again[16];

    fprintf(stderr,
            "{\"waits_for\": \"%s\", \"image_bytes\": %u, \"acked_bytes\": %u, "
            "\"verified_bytes\": %u, \"bytes_per_second\": %s, "
            "\"milliseconds_left\": %s, \"again_in_milliseconds\": %s",
            ferry_courier_wait_name(at->wait), (unsigned)at->image_len,
            (unsigned)at->acked, (unsigned)at->verified,
            or_null(at->rate > 0, at->rate, rate),
            or_null(at->left_ms != UINT32_MAX, at->left_ms, left),
            or_null(waits, until, again));
    if (at->error != 0) {
        fprintf(stderr, ", \"error\": \"%s\"", ferry_errname(at->error));
    } else {
        fprintf(stderr, ", \"error\": null");
    }
    if (at->wait == FERRY_WAIT_LATER) {
        fprintf(stderr,
                ", \"later\": {\"why\": \"%s\", \"seconds\": %u, \"detail\": %u}}\n",
                ferry_courier_later_name(at->later.why), (unsigned)at->later.seconds,
                at->later.detail);
    } else {
        fprintf(stderr, ", \"later\": null}\n");
    }
}

void push_progress_init(struct push_progress *g)
{
    memset(g, 0, sizeof *g);
    g->terminal = isatty(STDERR_FILENO) != 0;
}

static void show_line(struct push *p, const struct ferry_courier_progress *at)
{
    struct push_progress *g = &p->progress;
    char line[LINE_MAX_LEN];

    compose(p, at, line);
    if (*line == '\0') {
        return;
    }
    if (g->terminal) {
        fprintf(stderr, "\r%-*.*s", COLUMNS, COLUMNS, line);
        g->drawn = true;
    } else {
        fprintf(stderr, "%s\n", line);
    }
}

/* Scripts want every change, people at a terminal a steady picture, a log file what is
 * new and now and then the rest. */
static bool is_due(const struct push *p, uint32_t wall,
                   const struct ferry_courier_progress *at)
{
    const struct push_progress *g = &p->progress;
    uint32_t gone = wall - g->shown_at;

    if (g->terminal && !p->json) {
        return gone >= DRAW_MS;
    }
    bool news = at->wait != g->wait && (p->json || is_news(at));
    return gone >= (news ? CHANGE_MS : p->json ? JSON_MS : LINE_MS);
}

void push_progress_show(struct push *p)
{
    struct push_progress *g = &p->progress;
    uint32_t wall = ferry_clock_now(&p->wall);
    struct ferry_courier_progress at;

    ferry_courier_progress(&p->courier, &at);
    if (g->shown_at == 0) {
        g->shown_at = wall; /* the first one is not due at once */
    }
    if (!is_due(p, wall, &at)) {
        return;
    }
    g->shown_at = wall;
    g->wait = at.wait;
    if (p->json) {
        show_json(p, &at);
    } else {
        show_line(p, &at);
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
