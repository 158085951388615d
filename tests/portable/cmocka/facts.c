/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a test states as a fact, and what is said if it is none. Does not know how a
 * test ends: whoever links this has a small_fail(). */
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

void print_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

void print_message(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

void small_assert(int fact, int line)
{
    if (!fact) {
        small_fail(line);
    }
}

void small_same(unsigned long long a, unsigned long long b, int want, int line)
{
    if ((a == b) != want) {
        printf("%ld and %ld: ", (long)a, (long)b);
        small_fail(line);
    }
}

void small_bytes(const void *a, const void *b, size_t len, int want, int line)
{
    small_assert((memcmp(a, b, len) == 0) == want, line);
}

void small_text(const char *a, const char *b, int want, int line)
{
    small_assert((strcmp(a, b) == 0) == want, line);
}
