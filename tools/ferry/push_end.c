/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the last word of `ferry push`: a sentence for people, one JSON object for
 * programs, and the exit code for both. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "push.h"
#include "say.h"
#include "text.h"

bool push_ends(struct push *p, enum push_end end, int err, const char *fmt, ...)
{
    va_list more;

    p->end = end;
    p->err = err;
    va_start(more, fmt);
    vsnprintf(p->why, sizeof p->why, fmt, more);
    va_end(more);
    return false;
}

static void ends_later(struct push *p)
{
    struct ferry_courier_progress at;
    char why[PUSH_LATER_TEXT], when[PUSH_TIME_TEXT];

    ferry_courier_progress(&p->courier, &at);
    push_ends(p, PUSH_LATER, 0, "%s; again in %s, or --wait waits for it",
              push_later_text(&at.later, why), push_time_text(at.later.seconds, when));
}

void push_ends_as(struct push *p)
{
    int err = ferry_courier_error(&p->courier);

    switch (ferry_courier_state(&p->courier)) {
    case FERRY_COURIER_DONE:
        if (err == FERRY_E_SAME) {
            push_ends(p, PUSH_RUNNING, err, "%s", ferry_strerror(err));
        } else {
            push_ends(p, PUSH_INSTALLED, 0, "the device starts it at its next restart");
        }
        return;
    case FERRY_COURIER_REFUSED:
        if (err == FERRY_E_STATE) {
            push_ends(p, PUSH_REFUSED, err, "the device makes no statements");
        } else {
            push_ends(p, PUSH_REFUSED, err, "%s", ferry_strerror(err));
        }
        return;
    case FERRY_COURIER_LATER:
        ends_later(p);
        return;
    case FERRY_COURIER_PARKED:
    case FERRY_COURIER_DOWN:
    case FERRY_COURIER_HELLO:
    case FERRY_COURIER_REPORT:
    case FERRY_COURIER_OFFER:
    case FERRY_COURIER_SEND:
        break;
    }
    push_ends(p, PUSH_LOST, err, "%s", ferry_strerror(err));
}

/* ---- for people ------------------------------------------------------------------ */

static void say_installed(const struct push *p)
{
    uint32_t ms = ferry_clock_now(&p->clock) - p->began_at;
    char version[VERSION_TEXT], time[PUSH_TIME_TEXT];

    text_of_version(p->chosen->a.m.version, version);
    printf("installed %s: %u bytes sent in %s; %s\n", version,
           (unsigned)p->courier.counts.image_bytes_sent,
           push_time_text((ms + 500U) / 1000U, time), p->why);
}

static void say(const struct push *p)
{
    switch (p->end) {
    case PUSH_INSTALLED:
        say_installed(p);
        break;
    case PUSH_RUNNING:
        printf("nothing to do: %s\n", p->why);
        break;
    case PUSH_REPORTED:
        break;
    case PUSH_DECLINED:
        refuse("%s", p->why);
        break;
    case PUSH_REFUSED:
        refuse("refused: %s%s%s", p->err != 0 ? ferry_errname(p->err) : "",
               p->err != 0 ? ": " : "", p->why);
        break;
    case PUSH_LATER:
        refuse("later: %s", p->why);
        break;
    case PUSH_STOPPED:
        refuse("stopped; what the device has it keeps, the same command goes on");
        break;
    case PUSH_LOST:
        refuse("given up: %s: %s; what the device has it keeps, the same command goes "
               "on",
               ferry_errname(p->err), p->why);
        break;
    }
}

/* ---- for programs ---------------------------------------------------------------- */

static const char *end_name(enum push_end end)
{
    switch (end) {
    case PUSH_INSTALLED:
        return "installed";
    case PUSH_RUNNING:
        return "running";
    case PUSH_REPORTED:
        return "reported";
    case PUSH_DECLINED:
        return "declined";
    case PUSH_REFUSED:
        return "refused";
    case PUSH_LATER:
        return "later";
    case PUSH_STOPPED:
        return "stopped";
    case PUSH_LOST:
        return "lost";
    }
    return "";
}

static void show_transfer(struct view *v, const struct push *p)
{
    const struct ferry_courier_counts *n = &p->courier.counts;
    uint32_t ms = ferry_clock_now(&p->clock) - p->began_at;

    if (p->chosen == NULL) {
        view_absent(v, "artifact");
        view_absent(v, "artifact_version");
        return;
    }
    view_text(v, "artifact", p->chosen->a.path);
    view_version(v, "artifact_version", p->chosen->a.m.version);
    view_number(v, "image_bytes", p->chosen->a.image_len);
    view_number(v, "image_bytes_sent", n->image_bytes_sent);
    view_number(v, "bytes_repeated", n->bytes_repeated);
    view_number(v, "milliseconds", ms);
}

static void show_later(struct view *v, const struct push *p)
{
    struct ferry_courier_progress at;

    if (p->end != PUSH_LATER) {
        view_absent(v, "later");
        return;
    }
    ferry_courier_progress(&p->courier, &at);
    view_part(v, "later");
    view_number(v, "seconds", at.later.seconds);
    view_number(v, "why", at.later.why);
    view_number(v, "detail", at.later.detail);
    view_part_end(v);
}

static void show(struct push *p)
{
    struct view v = {.as_json = true};

    json_open(&v.json, NULL, '{');
    view_text(&v, "result", end_name(p->end));
    if (p->err != 0) {
        view_text(&v, "error", ferry_errname(p->err));
    } else {
        view_absent(&v, "error");
    }
    view_text(&v, "reason", p->why);
    show_later(&v, p);
    show_transfer(&v, p);
    if (p->met) {
        view_part(&v, "device");
        push_show_device(&v, p);
        view_part_end(&v);
    } else {
        view_absent(&v, "device");
    }
    if (p->reported) {
        view_part(&v, "statement");
        statement_show(&v, &p->says);
        statement_show_signature(&v, &p->said, p->checked);
        view_part_end(&v);
    } else {
        view_absent(&v, "statement");
    }
    json_close(&v.json, '}');
}

int push_finish(struct push *p)
{
    if (p->json) {
        show(p);
    } else {
        say(p);
    }
    return p->end == PUSH_INSTALLED || p->end == PUSH_RUNNING || p->end == PUSH_REPORTED
               ? DONE
               : REFUSED;
}
