/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how golden.md writes a state down. Does not know where its pages are. */
#include "states.h"

const struct doc_vector *state_part(const struct doc_vector *of, const char *which)
{
    char name[40];

    snprintf(name, sizeof name, "%s.%s", of->name, which);
    return doc_vector(name);
}

void state_journal_is(const struct ferry_journal *j, int scan,
                      const struct doc_vector *v)
{
    bool found = doc_number(v, "found") == 1;

    want(scan == (found ? 0 : FERRY_E_STATE), v->name);
    want(j->found == doc_number(v, "found"), v->name);
    want(j->doubt == doc_number(v, "doubt"), v->name);
    want(!found || j->sequence == doc_number(v, "sequence"), v->name);
    want(!found || j->holder == doc_number(v, "page"), v->name);
    want(!found || j->tail == doc_number(v, "tail"), v->name);
}

unsigned state_for_each(void (*what)(const struct doc_vector *v))
{
    unsigned states = 0;

    for (unsigned i = 0; doc_vector_at(i) != NULL; i++) {
        const struct doc_vector *v = doc_vector_at(i);
        if (strcmp(v->field[0].name, "erase_unit") == 0) {
            what(v);
            states++;
        }
    }
    return states;
}
