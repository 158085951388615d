/* SPDX-License-Identifier: Apache-2.0
 *
 * A phone as a process: rounds, until a signal comes, each said in lines. */
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

static void rest(const struct phone *ph)
{
    for (uint32_t s = 0; s < ph->o.every_s && !near_signalled(); s++) {
        sleep(1);
    }
}

int main(int argc, char **argv)
{
    static struct phone ph;
    char why[NET_WHY_MAX + 100];
    int code = phone_parse(&ph.o, argc, argv);

    if (code != 0) {
        return code - 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    near_catch_signals();
    if (sodium_init() < 0 || !phone_begin(&ph, why, sizeof why)) {
        fprintf(stderr, "ferry-phone: %s\n", why);
        return 1;
    }
    for (uint32_t n = 0; !near_signalled(); rest(&ph)) {
        phone_round(&ph);
        if (++n == ph.o.rounds) {
            break;
        }
    }
    phone_end(&ph);
    return 0;
}
