/* SPDX-License-Identifier: Apache-2.0
 *
 * What the demo writes down while the world turns, and how it is shown. */
#ifndef FERRY_JOURNEY_DIARY_H
#define FERRY_JOURNEY_DIARY_H

#include "world.h"

#define DIARY_WINDOWS 8U
#define DIARY_REFUSALS 16U

struct diary_window { /* one visit of a phone */
    const char *day, *phone;
    uint16_t mtu;
    uint32_t connected_ms;
    uint32_t from, to; /* image bytes acked */
    uint32_t bytes;    /* on the air, both ways */
    uint32_t frames, repeated;
    bool began; /* the device has said where to begin */
};

struct diary {
    struct diary_window window[DIARY_WINDOWS];
    unsigned windows;
    uint32_t sessions, resumes, links_lost, batteries;
    struct {
        int err;
        uint32_t times;
    } refusal[DIARY_REFUSALS];
    uint32_t last_percent;
    bool live; /* standard output is a terminal */
};

void diary_open(struct diary *d);
/* A line about what happens now, with the virtual clock. */
void diary_say(struct diary *d, const struct world *w, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The progress line: percent, rate, time left, and what is going on. */
void diary_progress(struct diary *d, const struct world *w, const char *doing);
void diary_refused(struct diary *d, int err);

struct diary_window *diary_arrive(struct diary *d, const char *day, const char *phone,
                                  const struct world *w);
void diary_leave(struct diary_window *v, const struct world *w);

/* The closing table and the week as a picture. */
void diary_table(const struct diary *d, const struct world *w, uint32_t image_len,
                 uint32_t security, uint32_t transfer, uint32_t erases,
                 uint32_t writes);
void diary_week(const struct diary *d, uint32_t image_len);

#endif
