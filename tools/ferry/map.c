/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the keys of a board map and what their values are. Does not know which maps can
 * work (map_check.c does). */
#include "map.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lines.h"
#include "say.h"
#include "text.h"

enum kind { NUMBER, AREA, PAIR, RESERVED };

struct map_row {
    const char *key;
    enum kind kind;
    bool required;
    size_t at; /* in struct board */
    uint32_t max;
};

#define AT(field) offsetof(struct board, field)

static const struct map_row rows[] = {
    {"flash", AREA, true, AT(flash), UINT32_MAX},
    {"erase_unit", NUMBER, true, AT(erase_unit), UINT32_MAX},
    {"write_unit", NUMBER, true, AT(write_unit), UINT32_MAX},
    {"erased", NUMBER, false, AT(erased), 0xFF},
    {"identity", NUMBER, true, AT(identity), UINT32_MAX},
    {"bank0", AREA, true, AT(map.bank[0]), UINT32_MAX},
    {"bank1", AREA, true, AT(map.bank[1]), UINT32_MAX},
    {"link0", NUMBER, false, AT(map.link[0]), UINT32_MAX},
    {"link1", NUMBER, false, AT(map.link[1]), UINT32_MAX},
    {"header_len", NUMBER, false, AT(map.header_len), UINT32_MAX},
    {"boot_journal", PAIR, true, AT(map.boot_journal), UINT32_MAX},
    {"app_journal", PAIR, true, AT(map.app_journal), UINT32_MAX},
    {"reserved", RESERVED, false, 0, UINT32_MAX},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* The file, as far as it was read. */
struct reading {
    struct board *b;
    bool given[ROWS];
};

/* ---- values ---------------------------------------------------------------------- */

/* "A+B" or "A,B": two numbers around `mark`. */
static bool two(char *text, char mark, uint32_t *first, uint32_t *second)
{
    char *at = strchr(text, mark);

    if (at == NULL) {
        return false;
    }
    *at = '\0';
    bool right = text_number(lines_trim(text), UINT32_MAX, first) &&
                 text_number(lines_trim(at + 1), UINT32_MAX, second);
    *at = mark;
    return right;
}

static bool read_reserved(struct board *b, char *text)
{
    struct ferry_area *a = &b->reserved[b->reserved_len];

    if (!two(text, '+', &a->addr, &a->len)) {
        return false;
    }
    b->reserved_len++;
    return true;
}

static bool read_value(struct board *b, const struct map_row *row, char *text)
{
    uint8_t *at = (uint8_t *)b + row->at;
    uint32_t n[2];
    bool right = false;

    switch (row->kind) {
    case NUMBER:
        right = text_number(text, row->max, &n[0]);
        break;
    case AREA:
        right = two(text, '+', &n[0], &n[1]);
        break;
    case PAIR:
        right = two(text, ',', &n[0], &n[1]);
        break;
    case RESERVED:
        return read_reserved(b, text);
    }
    if (right) { /* an area is two numbers, too: address, length */
        memcpy(at, n, row->kind == NUMBER ? sizeof n[0] : sizeof n);
    }
    return right;
}

static const char *form(const struct map_row *row)
{
    switch (row->kind) {
    case NUMBER:
        return row->max == 0xFF ? "a number 0..255" : "a number, decimal or 0x...";
    case AREA:
    case RESERVED:
        return "ADDRESS+LENGTH, each decimal or 0x...";
    case PAIR:
        return "ADDRESS, ADDRESS, each decimal or 0x...";
    }
    return "";
}

/* ---- lines ----------------------------------------------------------------------- */

static const struct map_row *row_of(const char *key)
{
    for (const struct map_row *row = rows; row < rows + ROWS; row++) {
        if (strcmp(row->key, key) == 0) {
            return row;
        }
    }
    return NULL;
}

static int read_pair(void *ctx, const struct line *line)
{
    struct reading *r = ctx;
    const char *path = line->path;
    const struct map_row *row = line->value != NULL ? row_of(line->key) : NULL;

    if (row == NULL) {
        return refuse("%s: line %u: no such key: '%s'", path, line->number, line->key);
    }
    if (row->kind == RESERVED && r->b->reserved_len == MAP_RESERVED_MAX) {
        return refuse("%s: line %u: more than %d areas are reserved", path,
                      line->number, MAP_RESERVED_MAX);
    }
    if (row->kind != RESERVED && r->given[row - rows]) {
        return refuse("%s: line %u: %s is given twice", path, line->number, line->key);
    }
    if (!read_value(r->b, row, line->value)) {
        return refuse("%s: line %u: %s: '%s' is not %s", path, line->number, line->key,
                      line->value, form(row));
    }
    r->given[row - rows] = true;
    return DONE;
}

/* ---- the whole ------------------------------------------------------------------- */

static bool given(const struct reading *r, const char *key)
{
    return r->given[row_of(key) - rows];
}

/* What a product seldom wants otherwise. */
static void fill_in(struct reading *r)
{
    struct ferry_map *map = &r->b->map;

    if (!given(r, "erased")) {
        r->b->erased = 0xFF;
    }
    if (!given(r, "header_len")) {
        map->header_len =
            r->b->erase_unit > FERRY_BLOCK_LEN ? r->b->erase_unit : FERRY_BLOCK_LEN;
    }
    if (!given(r, "link0")) {
        map->link[0] = map->bank[0].addr + map->header_len;
    }
    if (!given(r, "link1")) {
        map->link[1] = map->bank[1].addr + map->header_len;
    }
}

static int check_whole(struct reading *r)
{
    for (unsigned i = 0; i < ROWS; i++) {
        if (rows[i].required && !r->given[i]) {
            return refuse("%s: %s is missing", r->b->path, rows[i].key);
        }
    }
    fill_in(r);
    return map_check(r->b);
}

int map_load(struct board *b, const char *path)
{
    struct bytes text;
    struct reading r = {.b = b};

    memset(b, 0, sizeof *b);
    b->path = path;
    int code = lines_read(&text, path, "a board map", read_pair, &r);
    bytes_free(&text);
    return code == DONE ? check_whole(&r) : code;
}
