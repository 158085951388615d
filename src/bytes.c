/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows byte order and bounds, and nothing of what the bytes mean. */
#include "bytes.h"

#include <string.h>

const uint8_t *ferry_take(struct ferry_reader *r, size_t n)
{
    const uint8_t *p = r->at;

    if (r->bad || n > r->left) {
        r->bad = true;
        return NULL;
    }
    if (n > 0) { /* nothing may be added to a NULL, not even 0 */
        r->at += n;
        r->left -= n;
    }
    return p;
}

void ferry_copy(void *to, const void *from, size_t n)
{
    memcpy(to, from, n);
}

uint32_t ferry_le(const uint8_t *p, unsigned n)
{
    uint32_t v = 0;

    /*@ loop invariant 0 <= i <= n;
      @ loop assigns i, v;
      @ loop variant i; */
    for (unsigned i = n; i > 0; i--) {
        v = (v << 8) | p[i - 1];
    }
    return v;
}

void ferry_set_le(uint8_t *p, uint32_t v, unsigned n)
{
    /*@ loop invariant 0 <= i <= n;
      @ loop assigns i, p[0 .. n - 1];
      @ loop variant n - i; */
    for (unsigned i = 0; i < n; i++) {
        p[i] = (uint8_t)(v >> (8 * i));
    }
}

uint32_t ferry_be(const uint8_t *p, unsigned n)
{
    uint32_t v = 0;

    /*@ loop invariant 0 <= i <= n;
      @ loop invariant i == 0 ==> v == 0;
      @ loop invariant i == 1 ==> v == p[0];
      @ loop invariant i == 2 ==> v == be2(p);
      @ loop invariant i == 3 ==> v == be3(p);
      @ loop invariant v == be(p, i);
      @ loop assigns i, v;
      @ loop variant n - i; */
    for (unsigned i = 0; i < n; i++) {
        /*@ assert i == 0 ==> (uint32_t)(v << 8) == 0; */
        v = (v << 8) | p[i];
    }
    return v;
}

void ferry_set_be(uint8_t *p, uint32_t v, unsigned n)
{
    /*@ loop invariant 0 <= i <= n;
      @ loop assigns i, v, p[0 .. n - 1];
      @ loop variant i; */
    for (unsigned i = n; i > 0; i--) {
        p[i - 1] = (uint8_t)v;
        v >>= 8;
    }
}

uint32_t ferry_take_be(struct ferry_reader *r, unsigned n)
{
    const uint8_t *p = ferry_take(r, n);
    return p != NULL ? ferry_be(p, n) : 0;
}

void ferry_put(struct ferry_writer *w, const void *p, size_t n)
{
    w->bad = w->bad || n > w->left;
    if (!w->bad && n > 0) {
        memcpy(w->at, p, n);
        w->at += n;
        w->left -= n;
        w->len += n;
    }
}
