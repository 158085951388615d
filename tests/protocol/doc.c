/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the document is written: pipe tables, and vectors in fences. Does not know
 * what any of it means. */
#include "doc_table.h"

#include <stdlib.h>

#define LINE_MAX_LEN 600U
#define LINES_MAX 2000U
#define VECTORS_MAX 100U
#define FIELDS_MAX 1600U
#define BYTES_MAX 10000U

static char line[LINES_MAX][LINE_MAX_LEN];
static unsigned lines;
static struct doc_vector vector[VECTORS_MAX];
static unsigned vectors;
static struct doc_field field[FIELDS_MAX]; /* of all vectors, in order */
static unsigned fields;
static uint8_t pool[BYTES_MAX]; /* of all fields, in order */
static size_t used;

/* ---- vectors --------------------------------------------------------------------- */

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* "11 22 254*41 3344", behind what the newest field has already. */
static bool take_hex(const char *hex)
{
    struct doc_field *f = &field[fields - 1];

    while (*hex != '\0') {
        char *end;
        unsigned long count = strtoul(hex, &end, 10);
        char two[3] = {0};
        hex = *end == '*' ? end + 1 : hex;
        count = *end == '*' ? count : 1;
        two[0] = hex[0];
        two[1] = hex[0] != '\0' ? hex[1] : '\0';
        unsigned long byte = strtoul(two, &end, 16);
        if (end != two + 2 || f->len + count > DOC_BYTES || count > BYTES_MAX - used) {
            return false;
        }
        memset(pool + used, (int)byte, count);
        used += count;
        f->len += count;
        hex += 2;
        hex += strspn(hex, " ");
    }
    return true;
}

/* "name = number" or "name: hex" */
static bool take_field(struct doc_vector *v, char *text)
{
    size_t len = strcspn(text, " :");
    bool is_number = starts(text + len, " = ");
    char *end;

    if (fields == FIELDS_MAX || (!is_number && !starts(text + len, ": "))) {
        return false;
    }
    struct doc_field *f = &field[fields++];
    v->fields++;
    *f = (struct doc_field){text, is_number, 0, pool + used, 0};
    text[len] = '\0';
    if (!is_number) {
        return take_hex(text + len + 2);
    }
    f->number = (uint32_t)strtoul(text + len + 3, &end, 0);
    return *end == '\0';
}

/* Names stay where they stand in the line. */
static bool take_vector_line(char *text)
{
    if (text[0] == '[') {
        if (vectors == VECTORS_MAX) {
            return false;
        }
        text[strcspn(text, "]")] = '\0';
        vector[vectors++] = (struct doc_vector){text + 1, 0, &field[fields]};
        return true;
    }
    if (text[0] == ' ') {
        return fields > 0 && take_hex(text + strspn(text, " "));
    }
    for (char *part = strtok(text, ";"); part != NULL; part = strtok(NULL, ";")) {
        if (vectors == 0 ||
            !take_field(&vector[vectors - 1], part + strspn(part, " "))) {
            return false;
        }
    }
    return vectors > 0;
}

static bool take_vectors(void)
{
    bool inside = false;

    for (unsigned i = 0; i < lines; i++) {
        if (starts(line[i], "```")) {
            inside = strcmp(line[i], "```vectors") == 0;
            continue;
        }
        if (inside && !take_vector_line(line[i])) {
            print_error("PROTOCOL.md:%u: cannot read this vector line\n", i + 1);
            return false;
        }
    }
    return vectors > 0;
}

int doc_open(void **state)
{
    FILE *f = fopen(PROTOCOL_MD, "r");

    (void)state;
    if (f == NULL) {
        print_error("cannot open %s\n", PROTOCOL_MD);
        return -1;
    }
    while (lines < LINES_MAX && fgets(line[lines], LINE_MAX_LEN, f) != NULL) {
        line[lines][strcspn(line[lines], "\n")] = '\0';
        lines++;
    }
    fclose(f);
    return take_vectors() ? 0 : -1;
}

const struct doc_vector *doc_vector_at(unsigned i)
{
    return i < vectors ? &vector[i] : NULL;
}

/* ---- tables ---------------------------------------------------------------------- */

static unsigned split(const char *row, char cell[DOC_COLUMNS][DOC_CELL])
{
    unsigned n = 0;

    for (const char *p = row + 1; *p != '\0' && n < DOC_COLUMNS; n++) {
        size_t len = strcspn(p, "|");
        const char *from = p + strspn(p, " ");
        size_t keep = (size_t)(p + len - from);
        while (keep > 0 && from[keep - 1] == ' ') {
            keep--;
        }
        keep = keep < DOC_CELL ? keep : DOC_CELL - 1;
        memset(cell[n], 0, DOC_CELL);
        memcpy(cell[n], from, keep);
        p += len + (p[len] == '|');
    }
    return n;
}

static unsigned find(unsigned from, const char *with, bool whole)
{
    while (from < lines &&
           (whole ? strcmp(line[from], with) != 0 : !starts(line[from], with))) {
        from++;
    }
    want(from < lines, with);
    return from;
}

void doc_table(const char *heading, const char *head, struct doc_table *t)
{
    unsigned i = find(find(0, heading, true), head, false);

    t->columns = split(line[i], t->head);
    t->rows = 0;
    for (i += 2; i < lines && line[i][0] == '|' && t->rows < DOC_ROWS; i++) {
        want(split(line[i], t->cell[t->rows]) == t->columns, line[i]);
        t->rows++;
    }
    want(t->rows > 0, heading);
}

unsigned doc_row(const struct doc_table *t, const char *name)
{
    for (unsigned i = 0; i < t->rows; i++) {
        if (strcmp(t->cell[i][0], name) == 0) {
            return i;
        }
    }
    doc_missing("such a row", name);
    return 0;
}

long doc_cell_number(const struct doc_table *t, unsigned row, unsigned column)
{
    char *end;
    long n = strtol(t->cell[row][column], &end, 0);

    want(end != t->cell[row][column] && *end == '\0', t->cell[row][column]);
    return n;
}
