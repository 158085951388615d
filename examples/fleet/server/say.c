/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines are put together first and written in one go, so that threads' do not mix. Their
 * time is the wall clock's, not the fleet's. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_LEN 1024

static int put_time(char *to, size_t cap)
{
    struct timespec now;
    struct tm day;
    char seconds[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &day);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &day);
    return snprintf(to, cap, "time=%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}

/* Quotes and backslashes escaped, what is no printable ASCII a question mark. */
static size_t put_text(char *to, size_t cap, const char *text)
{
    size_t len = 0;

    for (; *text != '\0' && len + 2 < cap; text++) {
        if (*text == '"' || *text == '\\') {
            to[len++] = '\\';
        }
        to[len++] = *text >= ' ' && *text < 0x7F ? *text : '?';
    }
    return len;
}

void say(const char *level, const char *text, ...)
{
    char words[LINE_LEN / 2], line[LINE_LEN];
    va_list list;

    va_start(list, text);
    vsnprintf(words, sizeof words, text, list);
    va_end(list);
    size_t len = (size_t)put_time(line, sizeof line);
    len += (size_t)snprintf(line + len, sizeof line - len, " level=%s text=\"", level);
    len += put_text(line + len, sizeof line - len - 2, words);
    line[len++] = '"';
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, len) < 0) {
        return; /* nobody is there to be told */
    }
}
