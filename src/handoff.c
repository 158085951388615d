/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an application tells its bootloader what the coming reset means. */
#include "handoff.h"

#include "ferry/boot.h"

void ferry_handoff_planned(struct ferry_handoff *h)
{
    h->wish = FERRY_WISH_PLANNED;
}

void ferry_handoff_expired(struct ferry_handoff *h)
{
    h->wish = FERRY_WISH_EXPIRED;
}
