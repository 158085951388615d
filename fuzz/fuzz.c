/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a target takes its input apart and how it ends when something does not hold.
 * Knows no target, and nothing of Ferry. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_broken(const char *sentence, const char *fact, const char *file, int line)
{
    fprintf(stderr, "fuzz: does not hold: %s\n  %s:%d: %s\n", sentence, file, line,
            fact);
    abort();
}

uint8_t fuzz_byte(struct fuzz_input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->at++;
}

uint32_t fuzz_number(struct fuzz_input *in, unsigned n)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < n; i++) {
        number |= (uint32_t)fuzz_byte(in) << (8 * i);
    }
    return number;
}

uint32_t fuzz_below(struct fuzz_input *in, uint32_t n)
{
    return fuzz_number(in, n > 256 ? 2 : 1) % n;
}

void fuzz_fill(struct fuzz_input *in, void *to, size_t len)
{
    size_t there = in->left < len ? in->left : len;

    memset(to, 0, len);
    if (there > 0) {
        memcpy(to, in->at, there);
        in->at += there;
        in->left -= there;
    }
}

uint8_t *fuzz_take(struct fuzz_input *in, size_t *len)
{
    *len = *len < in->left ? *len : in->left;
    uint8_t *copy = fuzz_copy(in->at, *len);
    in->at += *len;
    in->left -= *len;
    return copy;
}

uint8_t *fuzz_copy(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL) {
        fputs("fuzz: out of memory\n", stderr);
        exit(1);
    }
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    return copy;
}
