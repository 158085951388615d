/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/PROTOCOL.md as a test sees it: its vectors. Also what every test here wants: cmocka
 * with the headers it needs first. */
#ifndef FERRY_TEST_DOC_H
#define FERRY_TEST_DOC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fails naming what it was about. */
#define want(fact, about) want_true(fact, #fact, about, __FILE__, __LINE__)
void want_true(bool fact, const char *words, const char *about, const char *file,
               int line);

/* Fails: the document is without something. */
void doc_missing(const char *what, const char *name);

/* Read the document: a group's setup. 0, or -1 and the tests do not run. */
int doc_open(void **state);

/* ---- vectors --------------------------------------------------------------------- */

#define DOC_BYTES 640U /* no field is longer */

struct doc_field {
    const char *name;
    bool is_number;
    uint32_t number;
    const uint8_t *bytes;
    size_t len;
};

struct doc_vector {
    const char *name;
    unsigned fields;
    const struct doc_field *field;
};

/* Vector number `i` in the document's order; NULL past the last. */
const struct doc_vector *doc_vector_at(unsigned i);
/* By name; a missing one fails the test. */
const struct doc_vector *doc_vector(const char *name);
const struct doc_field *doc_field(const struct doc_vector *v, const char *name);
uint32_t doc_number(const struct doc_vector *v, const char *name);

#endif
