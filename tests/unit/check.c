/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a row of a table fails, how hex is read and how dice fall. Tests nothing
 * by itself. */
#include "check.h"

#include <stdlib.h>

void check_true(const char *row, bool fact, const char *words, const char *file,
                int line)
{
    if (!fact) {
        print_error("%s: not so: %s\n", row, words);
        _fail(file, line);
    }
}

size_t unhex(const char *hex, uint8_t *out)
{
    size_t n = 0;

    while (*hex != '\0') {
        char *end;
        unsigned long count = strtoul(hex, &end, 10);
        if (*end == '*') {
            hex = end + 1;
        } else {
            count = 1;
        }
        unsigned long byte = strtoul(hex, &end, 16);
        assert_true(end == hex + 2 && byte <= 0xFF);
        memset(out + n, (int)byte, count);
        n += count;
        hex = end + (*end == ' ');
    }
    return n;
}

uint8_t *exact_copy(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len);

    assert_true(copy != NULL || len == 0);
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    return copy;
}

uint32_t roll(struct dice *d)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 17;
    d->state ^= d->state << 5;
    return d->state;
}

uint32_t roll_below(struct dice *d, uint32_t limit)
{
    return (uint32_t)((uint64_t)roll(d) * limit >> 32);
}

void roll_bytes(struct dice *d, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(roll(d) >> 16);
    }
}
