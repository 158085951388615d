/* SPDX-License-Identifier: Apache-2.0
 *
 * What a courier's state means for a visit, and what its ends are called. */
#include "near.h"

const char *near_end_name(enum near_end end)
{
    static const char *const names[] = {"absent",  "lost",  "met",     "installed",
                                        "running", "later", "refused", "stopped"};
    return names[end];
}

enum near_end near_end_of(const struct ferry_courier *c, const struct near_visit *v)
{
    bool same = ferry_courier_error(c) == FERRY_E_SAME;

    switch (ferry_courier_state(c)) {
    case FERRY_COURIER_DONE:
        return v->variants == 0 ? NEAR_MET : same ? NEAR_RUNNING : NEAR_INSTALLED;
    case FERRY_COURIER_REFUSED:
        return v->variants == 0 ? NEAR_MET : NEAR_REFUSED;
    case FERRY_COURIER_LATER:
        return NEAR_LATER;
    case FERRY_COURIER_DOWN:
    case FERRY_COURIER_HELLO:
    case FERRY_COURIER_REPORT:
    case FERRY_COURIER_OFFER:
    case FERRY_COURIER_SEND:
    case FERRY_COURIER_PARKED:
        break;
    }
    return NEAR_LOST;
}
