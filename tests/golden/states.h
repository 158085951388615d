/* SPDX-License-Identifier: Apache-2.0
 *
 * The states of golden.md: which vectors tell of one, and what they say of a journal. */
#ifndef FERRY_GOLDEN_STATES_H
#define FERRY_GOLDEN_STATES_H

#include "doc.h"
#include "journal.h"

/* Of "trial" and "next": "trial.next". */
const struct doc_vector *state_part(const struct doc_vector *of, const char *which);
/* A scan of a journal, with this verdict, found what the vector says. */
void state_journal_is(const struct ferry_journal *j, int scan,
                      const struct doc_vector *v);
/* Returns how many there are. */
unsigned state_for_each(void (*what)(const struct doc_vector *v));

#endif
