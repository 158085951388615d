/* SPDX-License-Identifier: Apache-2.0
 *
 * The four functions of <string.h> that compilers and Ferry call, small instead of
 * fast: a hundred bytes where the C library's take eight hundred. meson.build keeps the
 * compiler from making calls of themselves out of the loops. Ran on QEMU's nRF51 model
 * only. */
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    return memmove(to, from, len);
}

/* Whichever end goes first, what is still to be moved is not overwritten. */
void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    if (t < f) {
        for (size_t i = 0; i < len; i++) {
            t[i] = f[i];
        }
    } else {
        while (len-- > 0) {
            t[len] = f[len];
        }
    }
    return to;
}

void *memset(void *to, int byte, size_t len)
{
    uint8_t *t = to;

    while (len-- > 0) {
        t[len] = (uint8_t)byte;
    }
    return to;
}

int memcmp(const void *one, const void *other, size_t len)
{
    const uint8_t *a = one, *b = other;

    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i]) {
            return a[i] - b[i];
        }
    }
    return 0;
}
