/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows JSON's punctuation and escapes (RFC 8259), and nothing of what it says. */
#include "json.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

static void quote_character(uint32_t c)
{
    if (c == '"' || c == '\\') {
        printf("\\%c", (char)c);
    } else if (c >= ' ' && c < 0x7F) {
        putchar((int)c);
    } else if (c <= 0xFFFF) {
        printf("\\u%04x", (unsigned)c);
    } else {
        c -= 0x10000; /* a surrogate pair */
        printf("\\u%04x\\u%04x", (unsigned)(0xD800 + (c >> 10)),
               (unsigned)(0xDC00 + (c & 0x3FF)));
    }
}

void json_quote(const void *text, size_t len)
{
    const uint8_t *p = text;

    putchar('"');
    while (len > 0) {
        uint32_t c = 0xFFFD;
        size_t n = text_utf8(p, len, &c);
        quote_character(c);
        n = n == 0 ? 1 : n;
        p += n;
        len -= n;
    }
    putchar('"');
}

static void new_line(const struct json *j)
{
    printf("\n%*s", (int)(2 * j->depth), "");
}

static void begin(struct json *j, const char *key)
{
    if (j->more) {
        putchar(',');
    }
    if (j->depth > 0) {
        new_line(j);
    }
    if (key != NULL) {
        json_quote(key, strlen(key));
        printf(": ");
    }
    j->more = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
    begin(j, key);
    putchar(bracket);
    j->depth++;
    j->more = false;
}

void json_close(struct json *j, char bracket)
{
    j->depth--;
    if (j->more) {
        new_line(j);
    }
    putchar(bracket);
    j->more = true;
    if (j->depth == 0) {
        putchar('\n');
    }
}

void json_text(struct json *j, const char *key, const void *text, size_t len)
{
    begin(j, key);
    json_quote(text, len);
}

void json_number(struct json *j, const char *key, long long n)
{
    begin(j, key);
    printf("%lld", n);
}

void json_bool(struct json *j, const char *key, bool b)
{
    begin(j, key);
    printf(b ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    begin(j, key);
    printf("null");
}
