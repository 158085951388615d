/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a line is taken apart. A value may stand in quotes, and must if there is a #
 * in it. */
#include "lines.h"

#include <string.h>

#include "say.h"

#define TEXT_MAX 16384U
#define SPACE " \t\r"

char *lines_trim(char *text)
{
    text += strspn(text, SPACE);
    size_t len = strlen(text);
    while (len > 0 && strchr(SPACE, text[len - 1]) != NULL) {
        text[--len] = '\0';
    }
    return text;
}

/* A # in quotes begins no comment. */
static void cut_comment(char *text)
{
    bool quoted = false;

    for (; *text != '\0'; text++) {
        quoted = quoted != (*text == '"');
        if (*text == '#' && !quoted) {
            *text = '\0';
            return;
        }
    }
}

/* NULL: quotes that do not stand around the whole. */
static char *unquote(char *value)
{
    size_t len = strlen(value);

    if (strchr(value, '"') == NULL) {
        return value;
    }
    if (len < 2 || strchr(value + 1, '"') != value + len - 1) {
        return NULL;
    }
    value[len - 1] = '\0';
    return value + 1;
}

static int split(struct line *line, char *text)
{
    char *last = text + strlen(text) - 1, *equals = strchr(text, '=');
    bool section = *text == '[' && *last == ']';

    if (!section && equals == NULL) {
        return refuse("%s: line %u: '%s' is not KEY = VALUE", line->path, line->number,
                      text);
    }
    *(section ? last : equals) = '\0';
    line->key = section ? unquote(lines_trim(text + 1)) : lines_trim(text);
    line->value = section ? NULL : unquote(lines_trim(equals + 1));
    if ((section ? line->key : line->value) == NULL) {
        return refuse("%s: line %u: quotes do not stand around the whole", line->path,
                      line->number);
    }
    return DONE;
}

static int take_all(char *text, struct line *line,
                    int (*take)(void *ctx, const struct line *line), void *ctx)
{
    int code = DONE;

    while (code == DONE && text != NULL) {
        char *end = strchr(text, '\n');
        if (end != NULL) {
            *end++ = '\0';
        }
        line->number++;
        cut_comment(text);
        text = lines_trim(text);
        if (*text != '\0') {
            code = split(line, text);
            code = code == DONE ? take(ctx, line) : code;
        }
        text = end;
    }
    return code;
}

int lines_read(struct bytes *text, const char *path, const char *what,
               int (*take)(void *ctx, const struct line *line), void *ctx)
{
    struct line line = {.path = path};
    int code = file_read(text, path, what, 0, TEXT_MAX);

    if (code == DONE && memchr(text->at, '\0', text->len) != NULL) {
        code = refuse("%s: is not a text file", path);
    }
    return code == DONE ? take_all((char *)text->at, &line, take, ctx) : code;
}
