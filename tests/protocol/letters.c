/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how three accounts of a state machine are compared. Knows no state. */
#include "letters.h"

#include "doc_table.h"

static bool allowed(const struct letters *l, unsigned before, unsigned event,
                    unsigned after)
{
    return strchr(l->row[before].cell[event], l->row[after].letter) != NULL;
}

void letters_note(const struct letters *l, struct letters_seen *seen, unsigned before,
                  unsigned event, unsigned after)
{
    if (!allowed(l, before, event, after)) {
        print_error("%s, %s: the table says %s, the engine went to %s\n",
                    l->row[before].state, l->event[event], l->row[before].cell[event],
                    l->row[after].state);
        fail();
    }
    seen->after[before][event] |= 1U << after;
}

void letters_expect_all_seen(const struct letters *l, const struct letters_seen *seen)
{
    unsigned missing = 0;

    for (unsigned s = 0; s < l->states; s++) {
        for (unsigned e = 0; e < l->events; e++) {
            for (unsigned after = 0; after < l->states; after++) {
                bool was = (seen->after[s][e] >> after & 1U) != 0;
                if (was != allowed(l, s, e, after)) {
                    print_error("%s, %s: never seen to lead to %s\n", l->row[s].state,
                                l->event[e], l->row[after].state);
                    missing++;
                }
            }
        }
    }
    assert_int_equal(missing, 0);
}

void letters_expect_documented(const struct letters *l)
{
    static struct doc_table t;

    doc_table(l->heading, "| state | letter |", &t);
    assert_int_equal(t.rows, l->states);
    assert_int_equal(t.columns, l->events + 2);
    for (unsigned e = 0; e < l->events; e++) {
        want(strcmp(t.head[e + 2], l->event[e]) == 0, l->event[e]);
    }
    for (unsigned s = 0; s < l->states; s++) {
        unsigned row = doc_row(&t, l->row[s].state);
        want(row == s, l->row[s].state);
        want(t.cell[s][1][0] == l->row[s].letter && t.cell[s][1][1] == '\0',
             l->row[s].state);
        for (unsigned e = 0; e < l->events; e++) {
            if (strcmp(t.cell[s][e + 2], l->row[s].cell[e]) != 0) {
                print_error("%s, %s: the test says %s, the document %s\n",
                            l->row[s].state, l->event[e], l->row[s].cell[e],
                            t.cell[s][e + 2]);
                fail();
            }
        }
    }
}
