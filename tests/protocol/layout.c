/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how offsets, sizes and fields of a table agree. Does not know what they are of. */
#include "layout.h"

#include <stdlib.h>

/* "16", or "1..48": the least and the most. */
static void sizes(const char *cell, unsigned long *least, unsigned long *most)
{
    char *end;

    *least = strtoul(cell, &end, 10);
    *most = strncmp(end, "..", 2) == 0 ? strtoul(end + 2, &end, 10) : *least;
    want(*end == '\0' && *most > 0, cell);
}

static void field_stands_there(const struct doc_field *f, const uint8_t *at,
                               size_t size, bool big_endian)
{
    want(f->is_number || f->len == size, f->name);
    for (size_t i = 0; i < size; i++) {
        size_t shift = 8 * (big_endian ? size - 1 - i : i);
        uint8_t byte = f->is_number ? (uint8_t)(f->number >> shift) : f->bytes[i];
        want(at[i] == byte, f->name);
    }
}

void layout_check(const struct doc_table *t, const struct doc_vector *v,
                  const uint8_t *bytes, size_t len, unsigned long *least,
                  unsigned long *most)
{
    size_t end = 0;

    *least = *most = 0;
    for (unsigned i = 0; i < t->rows; i++) {
        const struct doc_field *f = doc_field(v, t->cell[i][2]);
        unsigned long a, b;
        sizes(t->cell[i][1], &a, &b);
        size_t size = a == b ? a : f->len;
        want((size_t)doc_cell_number(t, i, 0) == end, f->name);
        want(end + size <= len, f->name);
        want(f == &v->field[i], f->name);
        field_stands_there(f, bytes + end, size, strcmp(f->name, "index") == 0);
        end += size;
        *least += a;
        *most += b;
    }
    want(end == len, v->name);
}

void layout_fixed(const char *heading, const struct doc_vector *v, const uint8_t *bytes,
                  size_t len)
{
    static struct doc_table t;
    unsigned long least, most;

    doc_table(heading, "| offset | size | field | meaning |", &t);
    layout_check(&t, v, bytes, len, &least, &most);
    want(least == len && most == len, heading);
}
