/* SPDX-License-Identifier: Apache-2.0
 *
 * The round a phone goes: listen to each device, check in, fetch, carry, report. Knows
 * the order; everything in it may fail and is tried again in the next one. */
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "phone.h"

int64_t phone_now(void)
{
    return (int64_t)time(NULL);
}

void phone_say(const char *format, ...)
{
    va_list more;

    va_start(more, format);
    fputs("phone ", stdout);
    vprintf(format, more);
    putchar('\n');
    va_end(more);
}

static void go_round(struct phone *ph)
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

static void rest(const struct phone *ph)
{
    for (uint32_t s = 0; s < ph->o.every_s && !near_signalled(); s++) {
        sleep(1);
    }
}

static bool set_up(struct phone *ph)
{
    if (!net_open(&ph->net, ph->o.server, ph->o.ca_file)) {
        fprintf(stderr, "ferry-phone: %s: %s\n", ph->o.server, ph->net.why);
        return false;
    }
    if (!memory_open(&ph->memory, ph->o.state)) {
        fprintf(stderr, "ferry-phone: %s\n", ph->memory.why);
        return false;
    }
    snprintf(ph->cache.dir, sizeof ph->cache.dir, "%s/cache", ph->memory.dir);
    ph->cache.max = ph->o.cache_max;
    return true;
}

int main(int argc, char **argv)
{
    static struct phone ph;
    int code = phone_parse(&ph.o, argc, argv);

    if (code != 0) {
        return code - 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    near_catch_signals();
    if (sodium_init() < 0 || !set_up(&ph)) {
        return 1;
    }
    for (uint32_t n = 0; !near_signalled(); rest(&ph)) {
        go_round(&ph);
        if (++n == ph.o.rounds) {
            break;
        }
    }
    net_close(&ph.net);
    return 0;
}
