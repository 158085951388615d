/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rooms of the courier's session share: courier.c decides, courier_choose.c
 * picks the artifact, courier_report.c fetches the statement, courier_progress.c
 * measures, courier_wire.c hears, speaks and keeps the verbs. */
#ifndef FERRY_COURIER_IN_H
#define FERRY_COURIER_IN_H

#include "ferry/courier.h"
#include "msg.h"

/* Answers, but no verdict and no newly acked chunk for so long. */
#define FERRY_STALL_MS 120000U
#define FERRY_PATIENCE_MS 30000U /* for a whole statement */

/* Everything that can happen to a state. */
enum ferry_courier_event {
    FERRY_CAME_UP,
    FERRY_CAME_DOWN,
    FERRY_CAME_STOP, /* the user */
    FERRY_CAME_INFO,
    FERRY_CAME_VERDICT,
    FERRY_CAME_ACK,
    FERRY_CAME_DONE,
    FERRY_CAME_STATEMENT,
    FERRY_CAME_UNREADABLE, /* the artifact */
    FERRY_CAME_TIME        /* tick */
};

void ferry_courier_happens(struct ferry_courier *c, enum ferry_courier_event ev,
                           const struct ferry_msg *m);

/* ---- courier.c ------------------------------------------------------------------- */

/* What comes once the statement is there, or was given up: the offer, or the end. */
enum ferry_courier_state ferry_courier_go_on(struct ferry_courier *c);
enum ferry_courier_state ferry_courier_refused(struct ferry_courier *c, int err);
enum ferry_courier_state ferry_courier_later(struct ferry_courier *c, uint8_t why,
                                             uint8_t detail, uint32_t seconds);
/* Nobody answered in time: ask again. */
bool ferry_courier_ask_again(struct ferry_courier *c);

/* ---- courier_report.c ------------------------------------------------------------ */

enum ferry_courier_state ferry_courier_begin_report(struct ferry_courier *c);
enum ferry_courier_state ferry_courier_in_report(struct ferry_courier *c,
                                                 enum ferry_courier_event ev,
                                                 const struct ferry_msg *m);
void ferry_courier_say_report(struct ferry_courier *c, struct ferry_msg *m);

/* courier_wire.c: have we waited too long, and for what? 0 or an enum ferry_err. */
int ferry_courier_impatience(const struct ferry_courier *c);

/* courier_progress.c: look again at how fast it goes; `begins`: for the first time. */
void ferry_courier_pace(struct ferry_courier *c, bool begins);

/* courier_choose.c: which, env_len, image_len and version for this peer. 0, FERRY_E_READ,
 * or why no artifact can even be offered. */
int ferry_courier_choose(struct ferry_courier *c);

#endif
