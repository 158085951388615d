/* SPDX-License-Identifier: Apache-2.0
 *
 * What every unit test wants: cmocka with the headers it needs first, tables whose
 * rows fail by name, bytes written as hex, and dice that fall the same every day. */
#ifndef FERRY_TEST_CHECK_H
#define FERRY_TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A row of a table: a wrong verdict is reported with the row's name. */
#define expect_code(row, got, want) check_code(row, got, want, __FILE__, __LINE__)
#define expect_true(row, fact) check_true(row, fact, #fact, __FILE__, __LINE__)
void check_code(const char *row, int got, int want, const char *file, int line);
void check_true(const char *row, bool fact, const char *words, const char *file,
                int line);

/* "58 20 32*AB": bytes in hex, a repeated one with its decimal count before it.
 * Returns how many bytes were written to `out`. */
size_t unhex(const char *hex, uint8_t *out);

/* A copy in a heap block of exactly `len` bytes, so that a sanitizer sees one byte
 * read too far. The caller frees it. */
uint8_t *exact_copy(const void *bytes, size_t len);

/* xorshift32; never seed it with 0. */
struct dice {
    uint32_t state;
};
uint32_t roll(struct dice *d);
uint32_t roll_below(struct dice *d, uint32_t limit);
void roll_bytes(struct dice *d, uint8_t *out, size_t len);

#endif
