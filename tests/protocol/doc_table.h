/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/PROTOCOL.md as a test sees it: tables under headings. */
#ifndef FERRY_TEST_DOC_TABLE_H
#define FERRY_TEST_DOC_TABLE_H

#include "doc.h"

#define DOC_ROWS 64U
#define DOC_COLUMNS 20U
#define DOC_CELL 48U /* longer cells are cut: prose is not tested */

struct doc_table {
    unsigned rows, columns;
    char head[DOC_COLUMNS][DOC_CELL];
    char cell[DOC_ROWS][DOC_COLUMNS][DOC_CELL];
};

/* The first table after `heading` whose head begins with `head` ("| type | value |").
 * Fails the test if there is none. */
void doc_table(const char *heading, const char *head, struct doc_table *t);
/* The row whose first cell is `name`; fails the test if there is none. */
unsigned doc_row(const struct doc_table *t, const char *name);
/* Decimal or 0x; fails the test if the cell is no number. */
long doc_cell_number(const struct doc_table *t, unsigned row, unsigned column);

#endif
