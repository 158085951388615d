/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows '&', '=', '+' and '%'. */
#include "form.h"

#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of `from`, of `len` bytes; returns how many it took, 0: none can be. */
static size_t decode(const char *from, size_t len, char *c)
{
    *c = *from == '+' ? ' ' : *from;
    if (*from != '%') {
        return *c != '\0';
    }
    if (len < 3 || digit(from[1]) < 0 || digit(from[2]) < 0) {
        return 0;
    }
    *c = (char)(digit(from[1]) * 16 + digit(from[2]));
    return *c != '\0' ? 3 : 0;
}

static bool decode_all(const char *from, size_t len, char *to, size_t cap)
{
    size_t n = 0;

    while (len > 0) {
        char c;
        size_t took = decode(from, len, &c);
        if (took == 0 || n + 1 >= cap) {
            to[0] = '\0';
            return false;
        }
        to[n++] = c;
        from += took;
        len -= took;
    }
    to[n] = '\0';
    return true;
}

/* Where the pair that begins at `at` ends. */
static size_t pair_end(const char *form, size_t len, size_t at)
{
    const char *end = memchr(form + at, '&', len - at);

    return end != NULL ? (size_t)(end - form) : len;
}

bool form_text(const char *form, size_t len, const char *name, char *to, size_t cap)
{
    size_t name_len = strlen(name);

    to[0] = '\0';
    for (size_t at = 0; at < len; at = pair_end(form, len, at) + 1) {
        size_t end = pair_end(form, len, at);
        if (end - at > name_len && form[at + name_len] == '=' &&
            memcmp(form + at, name, name_len) == 0) {
            at += name_len + 1;
            return decode_all(form + at, end - at, to, cap);
        }
    }
    return false;
}

int64_t form_number(const char *form, size_t len, const char *name)
{
    char text[20];
    int64_t n = 0;

    if (!form_text(form, len, name, text, sizeof text) || text[0] == '\0') {
        return -1;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || n > INT64_MAX / 100) {
            return -1;
        }
        n = n * 10 + (*c - '0');
    }
    return n;
}
