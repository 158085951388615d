/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded reading and writing. Running past the end sticks: every later call fails
 * too, so a parser checks once, at its end. */
#ifndef FERRY_BYTES_H
#define FERRY_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ferry_reader {
    const uint8_t *at;
    size_t left;
    bool bad; /* something was read past the end */
};

struct ferry_writer {
    uint8_t *at;
    size_t left;
    size_t len; /* written so far */
    bool bad;   /* something did not fit */
};

static inline struct ferry_reader ferry_reader(const void *p, size_t len)
{
    struct ferry_reader r = {(const uint8_t *)p, len, false};
    return r;
}
static inline struct ferry_writer ferry_writer(void *p, size_t cap)
{
    struct ferry_writer w = {(uint8_t *)p, cap, 0, false};
    return w;
}

/* The next n bytes in place; NULL past the end. */
const uint8_t *ferry_take(struct ferry_reader *r, size_t n);

/* An unsigned number of n <= 4 bytes; 0 past the end. */
uint32_t ferry_take_le(struct ferry_reader *r, unsigned n);
uint32_t ferry_take_be(struct ferry_reader *r, unsigned n);

void ferry_put(struct ferry_writer *w, const void *p, size_t n);
void ferry_put_be(struct ferry_writer *w, uint32_t v, unsigned n);

/* memcpy, as a call: compilers write short ones out, at twenty bytes each. */
void ferry_copy(void *to, const void *from, size_t n);

/* The same for a place known to be there. */
uint32_t ferry_le(const uint8_t *p, unsigned n);
uint32_t ferry_be(const uint8_t *p, unsigned n);
void ferry_set_le(uint8_t *p, uint32_t v, unsigned n);
void ferry_set_be(uint8_t *p, uint32_t v, unsigned n);

#endif
