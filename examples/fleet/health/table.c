/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts libcsv's fields where the caller's columns are. */
#include "table.h"

#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct reader {
    const char *path; /* NULL: no file */
    const struct table_column *columns;
    size_t columns_len;
    table_row each;
    void *ctx;
    char *why;
    size_t cap;
    unsigned line;
    unsigned at;                       /* field of this row */
    unsigned place[TABLE_COLUMNS_MAX]; /* column of the caller's by field; or none */
    unsigned fields;                   /* of the line of names */
    char text[TABLE_COLUMNS_MAX][TABLE_FIELD_MAX]; /* by the caller's column */
    bool seen[TABLE_COLUMNS_MAX];
    bool bad;
};

#define NO_PLACE TABLE_COLUMNS_MAX

static void fail(struct reader *r, const char *what, const char *about)
{
    if (!r->bad) {
        snprintf(r->why, r->cap, "%s%sline %u: %s%s", r->path != NULL ? r->path : "",
                 r->path != NULL ? ": " : "", r->line, what, about);
    }
    r->bad = true;
}

static void name(struct reader *r, const char *text)
{
    unsigned c = 0;

    while (c < r->columns_len && strcmp(text, r->columns[c].name) != 0) {
        c++;
    }
    if (c < r->columns_len && r->seen[c]) {
        fail(r, "named twice: ", text);
    }
    r->place[r->at] = c < r->columns_len ? c : NO_PLACE;
    if (c < r->columns_len) {
        r->seen[c] = true;
    }
}

static void field(void *data, size_t len, void *ctx)
{
    struct reader *r = ctx;
    char text[TABLE_FIELD_MAX];

    if (r->bad) {
        return;
    }
    if (len >= sizeof text || r->at >= TABLE_COLUMNS_MAX) {
        fail(r, "a field too long, or too many", "");
        return;
    }
    if (memchr(data, '\0', len) != NULL) {
        fail(r, "a zero byte", "");
        return;
    }
    memcpy(text, data, len);
    text[len] = '\0';
    if (r->line == 1) {
        name(r, text);
    } else if (r->at < r->fields && r->place[r->at] != NO_PLACE) {
        memcpy(r->text[r->place[r->at]], text, len + 1);
    }
    r->at++;
}

static void names_end(struct reader *r)
{
    r->fields = r->at;
    for (unsigned c = 0; c < r->columns_len; c++) {
        if (r->columns[c].required && !r->seen[c]) {
            fail(r, "no column ", r->columns[c].name);
        }
    }
}

static void row(int end, void *ctx)
{
    struct reader *r = ctx;
    const char *fields[TABLE_COLUMNS_MAX];
    char why[160];
    (void)end;

    if (!r->bad && r->line == 1) {
        names_end(r);
    } else if (!r->bad && r->at != r->fields) {
        fail(r, "not as many fields as names", "");
    } else if (!r->bad) {
        for (unsigned c = 0; c < r->columns_len; c++) {
            fields[c] = r->text[c];
        }
        if (!r->each(r->ctx, fields, why, sizeof why)) {
            fail(r, why, "");
        }
    }
    r->at = 0;
    r->line++;
}

static void take(struct reader *r, struct csv_parser *p, const char *some, size_t len)
{
    if (csv_parse(p, some, len, field, row, r) != len) {
        fail(r, csv_strerror(csv_error(p)), "");
    }
}

static void read_all(struct reader *r, struct csv_parser *p, FILE *file)
{
    char some[8192];
    size_t n;

    while (!r->bad && (n = fread(some, 1, sizeof some, file)) > 0) {
        take(r, p, some, n);
    }
    if (!r->bad && ferror(file)) {
        fail(r, strerror(errno), "");
    }
}

static void end(struct reader *r, struct csv_parser *p)
{
    if (!r->bad && csv_fini(p, field, row, r) != 0) {
        fail(r, "a quote that does not end", "");
    }
    if (!r->bad && r->line == 1) {
        fail(r, "empty", "");
    }
}

/* The table, from `file`, or from the bytes if that is NULL. */
static bool read_table(struct reader *r, FILE *file, const char *text, size_t len)
{
    struct csv_parser p;

    r->line = 1;
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        fail(r, "libcsv does not start", "");
        return false;
    }
    if (file != NULL) {
        read_all(r, &p, file);
    } else {
        take(r, &p, text, len);
    }
    end(r, &p);
    csv_free(&p);
    return !r->bad;
}

bool table_read(const char *path, const struct table_column *columns, size_t len,
                table_row each, void *ctx, char *why, size_t cap)
{
    struct reader r = {.path = path,
                       .columns = columns,
                       .columns_len = len,
                       .each = each,
                       .ctx = ctx,
                       .why = why,
                       .cap = cap};
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        snprintf(why, cap, "%s: %s", path, strerror(errno));
        return false;
    }
    bool good = read_table(&r, file, NULL, 0);
    fclose(file);
    return good;
}

bool table_parse(const char *text, size_t text_len, const struct table_column *columns,
                 size_t len, table_row each, void *ctx, char *why, size_t cap)
{
    struct reader r = {.columns = columns,
                       .columns_len = len,
                       .each = each,
                       .ctx = ctx,
                       .why = why,
                       .cap = cap};

    return read_table(&r, NULL, text, text_len);
}
