/* SPDX-License-Identifier: Apache-2.0
 *
 * The round a phone goes: listen to each device, check in, fetch, carry, report. Knows
 * the order; everything in it may fail and is tried again in the next one. */
#include <stdio.h>

#include "phone.h"

bool phone_begin(struct phone *ph, char *why, size_t cap)
{
    if (!net_open(&ph->net, ph->o.server, ph->o.ca_file)) {
        snprintf(why, cap, "%s: %s", ph->o.server, ph->net.why);
        return false;
    }
    if (!memory_open(&ph->memory, ph->o.state)) {
        snprintf(why, cap, "%s", ph->memory.why);
        net_close(&ph->net);
        return false;
    }
    snprintf(ph->cache.dir, sizeof ph->cache.dir, "%s/cache", ph->memory.dir);
    ph->cache.max = ph->o.cache_max;
    return true;
}

void phone_end(struct phone *ph)
{
    net_close(&ph->net);
}

void phone_round(struct phone *ph)
{
    for (unsigned i = 0; i < ph->o.peers && !near_signalled(); i++) {
        carry_listen(ph, ph->o.peer[i]);
    }
    server_check_in(ph);
    server_fetch(ph);
    for (unsigned i = 0; i < ph->o.peers && !near_signalled(); i++) {
        carry_push(ph, ph->o.peer[i]);
    }
    server_report(ph);
}
