/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text where the ferry tool wants a number, a range, a version, an id, or words to
 * quote. What is read and written is read as the same again, a version and an id in one
 * spelling; a reader that says no has touched nothing; what is quoted is JSON. */
#include "captured.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

#define MARK 0x5A5A5A5AU

static void number(const char *text)
{
    char decimal[16];
    uint32_t n = MARK, again;

    if (!text_number(text, 0xFFFFFF, &n)) {
        expect(n == MARK, "a reader that says no has touched nothing");
        return;
    }
    expect(n <= 0xFFFFFF, "no number is above the greatest");
    snprintf(decimal, sizeof decimal, "%" PRIu32, n);
    expect(text_number(decimal, n, &again) && again == n, "a number is the same again");
    expect(n == 0 || !text_number(decimal, n - 1, &again), "and above a smaller limit");
}

static void range(const char *text)
{
    char decimal[32];
    uint32_t min = MARK, max = MARK, least, most;

    if (!text_range(text, &min, &max)) {
        expect(min == MARK && max == MARK, "a reader that says no has touched nothing");
        return;
    }
    expect(min <= max, "a range is not empty");
    snprintf(decimal, sizeof decimal, "%" PRIu32 "-%" PRIu32, min, max);
    expect(text_range(decimal, &least, &most) && least == min && most == max,
           "a range is the same again");
}

static void version(const char *text)
{
    char again[VERSION_TEXT];
    uint32_t v = MARK;

    if (!text_version(text, &v)) {
        expect(v == MARK, "a reader that says no has touched nothing");
        return;
    }
    text_of_version(v, again);
    expect(strcmp(text, again) == 0, "a version has one spelling");
}

static void id(const char *text)
{
    uint8_t bytes[ID_LEN] = {1}, same[ID_LEN];
    static const uint8_t were[ID_LEN] = {1};
    char again[ID_TEXT];

    if (!text_id(text, bytes)) {
        expect(memcmp(bytes, were, sizeof were) == 0,
               "a reader that says no has touched nothing");
        return;
    }
    text_of_id(bytes, again);
    expect(text_id(again, same) && memcmp(bytes, same, sizeof same) == 0,
           "an id is the same again");
}

/* The bytes of a character, as RFC 3629 has them. */
static size_t encode(uint32_t c, uint8_t out[4])
{
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (uint8_t)(lead[n] | c);
    return n;
}

static void characters(const uint8_t *p, size_t len)
{
    uint8_t again[4];
    uint32_t c = MARK;

    while (len > 0) {
        size_t n = text_utf8(p, len, &c);
        expect(n <= len, "a character ends inside its text");
        expect(n == 0 || (encode(c, again) == n && memcmp(p, again, n) == 0),
               "a character has one spelling");
        n = n > 0 ? n : 1;
        p += n;
        len -= n;
    }
}

static void quote(const uint8_t *p, size_t len)
{
    static struct captured said;

    captured_begin(&said);
    json_quote(p, len);
    captured_end(&said);
    captured_json(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    expect(text != NULL, "there is memory");
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    number(text);
    range(text);
    version(text);
    id(text);
    characters(data, size);
    quote(data, size);
    free(text);
    return 0;
}
