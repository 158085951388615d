/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a refusal looks. Does not know what is refused. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>

#include "ferry/err.h"

/* A file name may hold line breaks and terminal controls: neither gets out. */
static void print_line(char *line)
{
    for (char *c = line; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F) {
            *c = '?';
        }
    }
    fprintf(stderr, "ferry: %s\n", line);
}

SAY_LIKE(1, 0)
static void say(const char *fmt, va_list more)
{
    char line[1024];

    vsnprintf(line, sizeof line, fmt, more);
    print_line(line);
}

int refuse(const char *fmt, ...)
{
    va_list more;

    va_start(more, fmt);
    say(fmt, more);
    va_end(more);
    return REFUSED;
}

int refuse_at(const char *path, size_t at, int err, const char *fmt, ...)
{
    char why[512];
    va_list more;

    va_start(more, fmt);
    vsnprintf(why, sizeof why, fmt, more);
    va_end(more);
    return refuse("%s: byte %zu: %s: %s", path, at, ferry_errname(err), why);
}

int misuse(const char *fmt, ...)
{
    va_list more;

    va_start(more, fmt);
    say(fmt, more);
    va_end(more);
    return MISUSED;
}
