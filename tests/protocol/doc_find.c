/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how vectors and their fields are found, and how a test fails that looks for one
 * which is not there. Does not know where vectors come from. */
#include "doc.h"

void want_true(bool fact, const char *words, const char *about, const char *file,
               int line)
{
    if (!fact) {
        print_error("%s: not so: %s\n", about, words);
        _fail(file, line);
    }
}

void doc_missing(const char *what, const char *name)
{
    print_error("PROTOCOL.md: not %s: %s\n", what, name);
    fail();
}

const struct doc_vector *doc_vector(const char *name)
{
    for (unsigned i = 0; doc_vector_at(i) != NULL; i++) {
        if (strcmp(doc_vector_at(i)->name, name) == 0) {
            return doc_vector_at(i);
        }
    }
    doc_missing("such a vector", name);
    return NULL;
}

const struct doc_field *doc_field(const struct doc_vector *v, const char *name)
{
    for (unsigned i = 0; i < v->fields; i++) {
        if (strcmp(v->field[i].name, name) == 0) {
            return &v->field[i];
        }
    }
    doc_missing("such a field", name);
    return NULL;
}

uint32_t doc_number(const struct doc_vector *v, const char *name)
{
    const struct doc_field *f = doc_field(v, name);

    want(f->is_number, name);
    return f->number;
}
