/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how numbers, versions, ids and UTF-8 are spelled. */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number up to `end`, which is where it must end. */
static bool number_until(const char *text, const char *end, uint32_t max, uint32_t *n)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *stop;

    if (!(hex ? isxdigit((unsigned char)text[2]) : isdigit((unsigned char)*text))) {
        return false; /* strtoull would take a sign, a space or nothing at all */
    }
    errno = 0;
    unsigned long long value = strtoull(text, &stop, hex ? 16 : 10);
    if (stop != end || errno != 0 || value > max) {
        return false;
    }
    *n = (uint32_t)value;
    return true;
}

bool text_number(const char *text, uint32_t max, uint32_t *n)
{
    return number_until(text, text + strlen(text), max, n);
}

bool text_within(const char *text, uint32_t min, uint32_t max, uint32_t *n)
{
    uint32_t value;

    if (!text_number(text, max, &value) || value < min) {
        return false;
    }
    *n = value;
    return true;
}

bool text_range(const char *text, uint32_t *min, uint32_t *max)
{
    const char *dash = strchr(text, '-');
    uint32_t low, high;

    if (dash == NULL) {
        if (!text_number(text, UINT32_MAX, &low)) {
            return false;
        }
        high = low;
    } else if (!number_until(text, dash, UINT32_MAX, &low) ||
               !text_number(dash + 1, UINT32_MAX, &high) || low > high) {
        return false;
    }
    *min = low;
    *max = high;
    return true;
}

bool text_version(const char *text, uint32_t *version)
{
    unsigned major, minor, patch;
    char again[VERSION_TEXT];

    if (sscanf(text, "%3u.%3u.%5u", &major, &minor, &patch) != 3 || major > 255 ||
        minor > 255 || patch > 65535) {
        return false;
    }
    uint32_t v = (uint32_t)major << 24 | (uint32_t)minor << 16 | patch;
    text_of_version(v, again);
    if (strcmp(text, again) != 0) {
        return false; /* spaces, signs, leading zeros, a fourth number */
    }
    *version = v;
    return true;
}

void text_of_version(uint32_t version, char text[VERSION_TEXT])
{
    snprintf(text, VERSION_TEXT, "%u.%u.%u", (unsigned)(version >> 24),
             (unsigned)(version >> 16 & 0xFF), (unsigned)(version & 0xFFFF));
}

static bool dash_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

bool text_id(const char *text, uint8_t id[ID_LEN])
{
    size_t len = strlen(text);
    uint8_t bytes[ID_LEN];
    size_t bytes_len;

    if (len != 2 * ID_LEN && len != ID_TEXT - 1) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((text[i] == '-') != (len == ID_TEXT - 1 && dash_at(i))) {
            return false;
        }
    }
    if (sodium_hex2bin(bytes, sizeof bytes, text, len, "-", &bytes_len, NULL) != 0 ||
        bytes_len != sizeof bytes) {
        return false;
    }
    memcpy(id, bytes, sizeof bytes);
    return true;
}

void text_of_id(const uint8_t id[ID_LEN], char text[ID_TEXT])
{
    char hex[2 * ID_LEN + 1];
    const char *from = hex;

    sodium_bin2hex(hex, sizeof hex, id, ID_LEN);
    for (size_t i = 0; i < ID_TEXT - 1; i++) {
        text[i] = dash_at(i) ? '-' : *from++;
    }
    text[ID_TEXT - 1] = '\0';
}

/* How long a character is that begins with this byte; 0: none does. */
static size_t utf8_len(uint8_t first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

size_t text_utf8(const uint8_t *p, size_t len, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = len > 0 ? utf8_len(*p) : 0;

    if (n == 0 || n > len) {
        return 0;
    }
    uint32_t c = n == 1 ? *p : *p & (0x7FU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3FU);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 0;
    }
    *character = c;
    return n;
}
