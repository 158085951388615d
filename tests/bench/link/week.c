/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what happens in that week. Does not know how it is drawn. */
#include "week.h"

#include "cell.h"

#define MINUTE_MS 60000U
#define DAY_MS (24U * 60U * MINUTE_MS)
#define NEAR_MS (4U * MINUTE_MS)
#define SUPERVISION_MS 4000U
#define BATTERY_AT (3U * DAY_MS + DAY_MS / 2U)

/* One value every 80 ms, one in twenty lost. */
static const struct cell link = {.mtu = 23,
                                 .ci_ms = 80,
                                 .n = 1,
                                 .loss_ppm = 50000,
                                 .chunk = 128,
                                 .pool = 3,
                                 .reply_events = 2,
                                 .flash = FLASH_ALIVE};

size_t week_run(double *days, double *kib, size_t most)
{
    struct world *w = cell_begin(&link, 7);
    uint32_t start = w->now, end = start + 7U * DAY_MS;
    struct ferry_device_progress p;
    bool changed = false;
    size_t n = 1;

    days[0] = kib[0] = 0;
    sim_range_start(&w->range, NEAR_MS, DAY_MS - NEAR_MS, SUPERVISION_MS, start);
    while (w->now != end && n + 1 < most) {
        world_step(w, end);
        if (!changed && w->now - start >= BATTERY_AT) {
            changed = true;
            world_power_cut(w);
        }
        ferry_device_progress(&w->device, &p);
        double has = (w->boot.state.committed ? CELL_IMAGE_LEN : p.verified) / 1024.0;
        bool known = w->boot.state.committed || w->device.live;
        if (known && has != kib[n - 1]) {
            days[n] = (double)(w->now - start) / DAY_MS;
            kib[n++] = has;
        }
    }
    days[n] = (double)(w->now - start) / DAY_MS;
    kib[n] = kib[n - 1];
    return n + 1;
}
