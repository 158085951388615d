/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rooms of the courier's session share: courier.c decides, courier_choose.c
 * picks the artifact, courier_wire.c hears, speaks and keeps the verbs. */
#ifndef FERRY_COURIER_IN_H
#define FERRY_COURIER_IN_H

#include "ferry/courier.h"
#include "msg.h"

/* Everything that can happen to a state. */
enum ferry_courier_event {
    FERRY_CAME_UP,
    FERRY_CAME_DOWN,
    FERRY_CAME_STOP, /* the user */
    FERRY_CAME_INFO,
    FERRY_CAME_VERDICT,
    FERRY_CAME_ACK,
    FERRY_CAME_DONE,
    FERRY_CAME_UNREADABLE, /* the artifact */
    FERRY_CAME_TIME        /* tick */
};

void ferry_courier_happens(struct ferry_courier *c, enum ferry_courier_event ev,
                           const struct ferry_msg *m);

/* courier_choose.c: which, env_len, image_len and version for this peer. 0, FERRY_E_READ,
 * or why no artifact can even be offered. */
int ferry_courier_choose(struct ferry_courier *c);

#endif
