/* SPDX-License-Identifier: Apache-2.0
 *
 * A CSV file (RFC 4180) with a line of names, row by row. Knows columns; not what is in
 * them. The parsing is libcsv's. */
#ifndef FERRY_FLEET_TABLE_H
#define FERRY_FLEET_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS_MAX 32U
#define TABLE_FIELD_MAX 256U

struct table_column {
    const char *name;
    bool required;
};

/* A row's fields by column of `columns`; "" where the file has no such column. False: the
 * row will not do, and `why` says why. */
typedef bool (*table_row)(void *ctx, const char *const *field, char *why, size_t cap);

/* False: something is wrong, and `why` says what and on which line. */
bool table_read(const char *path, const struct table_column *columns, size_t len,
                table_row each, void *ctx, char *why, size_t cap);
/* The same of a text that is in memory; `why` begins with the line. */
bool table_parse(const char *text, size_t text_len, const struct table_column *columns,
                 size_t len, table_row each, void *ctx, char *why, size_t cap);

#endif
