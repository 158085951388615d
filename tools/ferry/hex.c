/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a record of Intel HEX is spelled: ":", length, address, type, data, sum.
 * Does not know what is written, nor where it belongs. */
#include "hex.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DATA_MAX 16U
#define RECORD_MAX (2 * (DATA_MAX + 5) + 2) /* ":", and the line's end */

enum record_type { DATA = 0, END = 1, UPPER_ADDRESS = 4 };

struct hex_text {
    char *at;
    uint32_t upper; /* the address bits that stand so far */
    bool begun;
};

static void put_byte(struct hex_text *t, uint8_t byte, uint8_t *sum)
{
    static const char digits[] = "0123456789ABCDEF";

    *t->at++ = digits[byte >> 4];
    *t->at++ = digits[byte & 15];
    *sum = (uint8_t)(*sum + byte);
}

static void put_record(struct hex_text *t, enum record_type type, uint32_t addr,
                       const uint8_t *bytes, uint32_t len)
{
    uint8_t sum = 0;

    *t->at++ = ':';
    put_byte(t, (uint8_t)len, &sum);
    put_byte(t, (uint8_t)(addr >> 8), &sum);
    put_byte(t, (uint8_t)addr, &sum);
    put_byte(t, (uint8_t)type, &sum);
    for (uint32_t i = 0; i < len; i++) {
        put_byte(t, bytes[i], &sum);
    }
    put_byte(t, (uint8_t)(0U - sum), &sum);
    *t->at++ = '\n';
}

/* A record's address has 16 bits; the others are said when they change. */
static void put_upper(struct hex_text *t, uint32_t addr)
{
    uint8_t upper[2] = {(uint8_t)(addr >> 24), (uint8_t)(addr >> 16)};

    if (!t->begun || t->upper != addr >> 16) {
        put_record(t, UPPER_ADDRESS, 0, upper, sizeof upper);
        t->upper = addr >> 16;
        t->begun = true;
    }
}

static void put_run(struct hex_text *t, const struct hex_run *run)
{
    uint32_t done = 0;

    while (done < run->len) {
        uint32_t addr = run->addr + done;
        uint32_t n = run->len - done < DATA_MAX ? run->len - done : DATA_MAX;
        put_upper(t, addr);
        put_record(t, DATA, addr, run->bytes + done, n);
        done += n;
    }
}

int hex_make(struct bytes *text, const struct hex_run *runs, unsigned n)
{
    struct hex_text t = {0};
    size_t most = RECORD_MAX; /* the last one */

    for (unsigned i = 0; i < n; i++) {
        most += ((size_t)runs[i].len / DATA_MAX + 2) * RECORD_MAX;
        most += ((size_t)runs[i].len / 65536 + 2) * RECORD_MAX;
    }
    int code = bytes_new(text, 0, most);
    if (code != 0) {
        return code;
    }
    t.at = (char *)text->at;
    for (unsigned i = 0; i < n; i++) {
        put_run(&t, &runs[i]);
    }
    put_record(&t, END, 0, NULL, 0);
    text->len = (size_t)(t.at - (char *)text->at);
    return 0;
}
