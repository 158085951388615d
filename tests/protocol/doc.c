/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the document is written: pipe tables, and vectors in fences. Does not know
 * what any of it means. */
#include "doc.h"

#include <stdlib.h>

#define LINE_MAX_LEN 600U
#define LINES_MAX 2000U
#define VECTORS_MAX 100U

static char line[LINES_MAX][LINE_MAX_LEN];
static unsigned lines;
static struct doc_vector vector[VECTORS_MAX];
static unsigned vectors;

void want_true(bool fact, const char *words, const char *about, const char *file,
               int line_number)
{
    if (!fact) {
        print_error("%s: not so: %s\n", about, words);
        _fail(file, line_number);
    }
}

/* ---- vectors --------------------------------------------------------------------- */

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* "11 22 254*41 3344" */
static bool take_hex(struct doc_field *f, const char *hex)
{
    while (*hex != '\0') {
        char *end;
        unsigned long count = strtoul(hex, &end, 10);
        char two[3] = {0};
        hex = *end == '*' ? end + 1 : hex;
        count = *end == '*' ? count : 1;
        two[0] = hex[0];
        two[1] = hex[0] != '\0' ? hex[1] : '\0';
        unsigned long byte = strtoul(two, &end, 16);
        if (end != two + 2 || f->len + count > DOC_BYTES) {
            return false;
        }
        memset(f->bytes + f->len, (int)byte, count);
        f->len += count;
        hex += 2;
        hex += strspn(hex, " ");
    }
    return true;
}

/* "name = number" or "name: hex" */
static bool take_field(struct doc_vector *v, const char *text)
{
    struct doc_field *f = &v->field[v->fields++];
    size_t len = strcspn(text, " :");
    char *end;

    if (v->fields > DOC_FIELDS || len >= sizeof f->name) {
        return false;
    }
    memcpy(f->name, text, len);
    f->is_number = starts(text + len, " = ");
    if (!f->is_number) {
        return starts(text + len, ": ") && take_hex(f, text + len + 2);
    }
    f->number = (uint32_t)strtoul(text + len + 3, &end, 0);
    return *end == '\0';
}

static bool take_vector_line(char *text)
{
    struct doc_vector *v = &vector[vectors == 0 ? 0 : vectors - 1];

    if (text[0] == '[') {
        size_t len = strcspn(text + 1, "]");
        v = &vector[vectors++];
        if (vectors > VECTORS_MAX || len >= sizeof v->name) {
            return false;
        }
        memcpy(v->name, text + 1, len);
        return true;
    }
    if (text[0] == ' ') {
        return v->fields > 0 &&
               take_hex(&v->field[v->fields - 1], text + strspn(text, " "));
    }
    for (char *part = strtok(text, ";"); part != NULL; part = strtok(NULL, ";")) {
        if (!take_field(v, part + strspn(part, " "))) {
            return false;
        }
    }
    return vectors > 0;
}

static bool take_vectors(void)
{
    bool inside = false;

    for (unsigned i = 0; i < lines; i++) {
        char copy[LINE_MAX_LEN];
        if (starts(line[i], "```")) {
            inside = strcmp(line[i], "```vectors") == 0;
            continue;
        }
        memcpy(copy, line[i], sizeof copy);
        if (inside && !take_vector_line(copy)) {
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

static void missing(const char *what, const char *name)
{
    print_error("PROTOCOL.md: not %s: %s\n", what, name);
    fail();
}

const struct doc_vector *doc_vector_at(unsigned i)
{
    return i < vectors ? &vector[i] : NULL;
}

const struct doc_vector *doc_vector(const char *name)
{
    for (unsigned i = 0; i < vectors; i++) {
        if (strcmp(vector[i].name, name) == 0) {
            return &vector[i];
        }
    }
    missing("such a vector", name);
    return NULL;
}

const struct doc_field *doc_field(const struct doc_vector *v, const char *name)
{
    for (unsigned i = 0; i < v->fields; i++) {
        if (strcmp(v->field[i].name, name) == 0) {
            return &v->field[i];
        }
    }
    missing("such a field", name);
    return NULL;
}

uint32_t doc_number(const struct doc_vector *v, const char *name)
{
    const struct doc_field *f = doc_field(v, name);

    want(f->is_number, name);
    return f->number;
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
    missing("such a row", name);
    return 0;
}

long doc_cell_number(const struct doc_table *t, unsigned row, unsigned column)
{
    char *end;
    long n = strtol(t->cell[row][column], &end, 0);

    want(end != t->cell[row][column] && *end == '\0', t->cell[row][column]);
    return n;
}
