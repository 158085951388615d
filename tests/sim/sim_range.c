/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows when a phone is within range. Does not know what it says meanwhile. */
#include "sim_range.h"

#include "retry.h"

void sim_range_start(struct sim_range *r, uint32_t near_ms, uint32_t far_ms,
                     uint32_t supervision_ms, uint32_t now)
{
    *r = (struct sim_range){.near_ms = near_ms,
                            .far_ms = far_ms,
                            .supervision_ms = supervision_ms,
                            .turn_at = now + near_ms};
}

enum sim_range_event sim_range_now(struct sim_range *r, uint32_t now)
{
    if (sim_range_wait(r, now) != 0) {
        return SIM_RANGE_NOTHING;
    }
    if (r->far && !r->noticed && ferry_reached(now, r->down_at)) {
        r->noticed = true;
        return SIM_RANGE_NOTICED;
    }
    r->far = !r->far;
    r->noticed = false;
    r->down_at = now + r->supervision_ms;
    r->turn_at = now + (r->far ? r->far_ms : r->near_ms);
    return r->far ? SIM_RANGE_WENT : SIM_RANGE_CAME;
}

uint32_t sim_range_wait(const struct sim_range *r, uint32_t now)
{
    if (r->near_ms == 0) {
        return UINT32_MAX;
    }
    uint32_t turn = ferry_until(now, r->turn_at);
    uint32_t down = r->far && !r->noticed ? ferry_until(now, r->down_at) : UINT32_MAX;
    return turn < down ? turn : down;
}
