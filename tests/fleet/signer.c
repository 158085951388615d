/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices for tests in another language, as a process: a line comes in, an answer goes
 * out.
 *
 *   csv N HW_REV                      a line of the factory's CSV
 *   say N NAME=VALUE ...              base64 of the statement that device N signs; names
 *                                     are those of struct ferry_statement, numbers in
 *                                     decimal, bytes in hexadecimal; "by=M": with device
 *                                     M's key instead
 *
 * Knows how to read these; whatever is no such line is answered with "?". */
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define LINE_MAX_LEN 2048
#define WORDS_MAX 40

struct saying {
    struct ferry_statement says;
    uint8_t bytes[WORDS_MAX][32]; /* what its strings point to */
    unsigned used;
    uint32_t by;
};

static const struct {
    const char *name;
    size_t offset;
    size_t len; /* of a string; 0: a number */
} fields[] = {
#define NUMBER(field)                                                                  \
    {                                                                                  \
#field, offsetof(struct ferry_statement, field), 0                             \
    }
#define STRING(field, len)                                                             \
    {                                                                                  \
#field, offsetof(struct ferry_statement, field), len                           \
    }
    NUMBER(hw_rev),
    NUMBER(version),
    NUMBER(counter),
    NUMBER(link),
    NUMBER(attempts),
    NUMBER(starts),
    NUMBER(resets),
    NUMBER(outcome),
    NUMBER(outcome_version),
    NUMBER(updates),
    NUMBER(rollbacks),
    NUMBER(hash_errors),
    NUMBER(block_errors),
    NUMBER(bad_signatures),
    NUMBER(floor),
    STRING(class_id, 16),
    STRING(device_id, 16),
    STRING(nonce, FERRY_NONCE_LEN),
    STRING(digest, 16),
    STRING(outcome_digest, 8),
    STRING(offender, FERRY_OFFENDER_LEN),
    STRING(refusals, FERRY_REFUSALS_LEN),
};

static bool take_number(struct saying *s, size_t offset, const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 0);
    uint32_t value = (uint32_t)n;

    memcpy((uint8_t *)&s->says + offset, &value, sizeof value);
    return end != text && *end == '\0' && n <= UINT32_MAX;
}

static bool take_bytes(struct saying *s, size_t offset, size_t len, const char *text)
{
    uint8_t *to = s->bytes[s->used++ % WORDS_MAX];
    size_t got = 0;
    const uint8_t *value = to;

    memcpy((uint8_t *)&s->says + offset, &value, sizeof value);
    return sodium_hex2bin(to, 32, text, strlen(text), NULL, &got, NULL) == 0 &&
           got == len;
}

/* "version=16777216" */
static bool take(struct saying *s, char *word)
{
    char *value = strchr(word, '=');

    if (value == NULL) {
        return false;
    }
    *value++ = '\0';
    if (strcmp(word, "by") == 0) {
        s->by = (uint32_t)strtoul(value, NULL, 10);
        return true;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(word, fields[i].name) == 0) {
            return fields[i].len == 0
                       ? take_number(s, fields[i].offset, value)
                       : take_bytes(s, fields[i].offset, fields[i].len, value);
        }
    }
    return false;
}

static bool say(uint32_t n, char **rest)
{
    static struct saying s;
    uint8_t envelope[FERRY_ENVELOPE_MAX];
    char text[4 * FERRY_ENVELOPE_MAX];
    struct unit u, signer;

    memset(&s, 0, sizeof s);
    s.by = n;
    for (char *word; (word = strtok_r(NULL, " ", rest)) != NULL;) {
        if (!take(&s, word)) {
            return false;
        }
    }
    unit_make(&u, n);
    unit_make(&signer, s.by);
    memcpy(signer.id, u.id, sizeof signer.id);
    size_t len = unit_sign(&signer, &s.says, envelope);
    puts(sodium_bin2base64(text, sizeof text, envelope, len,
                           sodium_base64_VARIANT_ORIGINAL));
    return true;
}

static bool csv(uint32_t n, char **rest)
{
    char line[UNIT_LINE_MAX];
    const char *hw_rev = strtok_r(NULL, " ", rest);
    struct unit u;

    unit_make(&u, n);
    unit_csv(&u, hw_rev != NULL ? (uint32_t)strtoul(hw_rev, NULL, 10) : 0, line);
    fputs(line, stdout);
    return hw_rev != NULL;
}

static bool answer(char *line)
{
    char *rest = NULL;
    const char *verb = strtok_r(line, " \n", &rest);
    const char *number = verb != NULL ? strtok_r(NULL, " \n", &rest) : NULL;

    if (number == NULL) {
        return false;
    }
    uint32_t n = (uint32_t)strtoul(number, NULL, 10);
    return strcmp(verb, "csv") == 0   ? csv(n, &rest)
           : strcmp(verb, "say") == 0 ? say(n, &rest)
                                      : false;
}

int main(void)
{
    char line[LINE_MAX_LEN];

    if (sodium_init() < 0) {
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (!answer(line)) {
            puts("?");
        }
        fflush(stdout);
    }
    return 0;
}
