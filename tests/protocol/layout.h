/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of fields, "| offset | size | field |", against a vector that lists the same
 * fields and against the bytes themselves. */
#ifndef FERRY_TEST_LAYOUT_H
#define FERRY_TEST_LAYOUT_H

#include "doc_table.h"

/* The table's fields are the first ones of `v`, in order; each stands in `bytes` at its
 * offset, without gaps; the last one ends at `len`. Numbers are little-endian, apart from
 * one named "index". *least and *most: lengths that the sizes allow. */
void layout_check(const struct doc_table *t, const struct doc_vector *v,
                  const uint8_t *bytes, size_t len, unsigned long *least,
                  unsigned long *most);
/* The same for a fixed layout below `heading`. */
void layout_fixed(const char *heading, const struct doc_vector *v, const uint8_t *bytes,
                  size_t len);

#endif
