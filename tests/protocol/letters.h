/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of states and events, as letters: what a test states, what the document
 * states, and what the engine was seen to do. */
#ifndef FERRY_TEST_LETTERS_H
#define FERRY_TEST_LETTERS_H

#include "doc.h"

#define LETTERS_STATES 13U
#define LETTERS_EVENTS 16U

struct letters {
    const char *heading; /* in the document */
    unsigned states, events;
    const char *event[LETTERS_EVENTS];
    struct {
        const char *state;
        char letter;
        const char *cell[LETTERS_EVENTS]; /* what can follow, or "." for never */
    } row[LETTERS_STATES];
};

/* What was seen, as bits of states. */
struct letters_seen {
    uint32_t after[LETTERS_STATES][LETTERS_EVENTS];
};

/* Event `event` in state `before` led to `after`: fails the test unless the table has
 * it. */
void letters_note(const struct letters *l, struct letters_seen *seen, unsigned before,
                  unsigned event, unsigned after);
/* Every letter of every cell was seen. */
void letters_expect_all_seen(const struct letters *l, const struct letters_seen *seen);
/* The document's table is this one, letter for letter. */
void letters_expect_documented(const struct letters *l);

#endif
