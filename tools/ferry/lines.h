/* SPDX-License-Identifier: Apache-2.0
 *
 * Text files of `key = value` lines, with # comments and [sections], as people write
 * them: a small part of TOML. Does not know the keys. */
#ifndef FERRY_TOOL_LINES_H
#define FERRY_TOOL_LINES_H

#include "file.h"

struct line {
    const char *path;
    unsigned number;
    char *key;   /* of a section: its name */
    char *value; /* NULL: a section */
};

/* Calls `take` for each line that says something, until one returns anything but DONE.
 * Keys and values lie in `text`, which is the caller's to free, whatever is returned: an
 * exit code, and why was said. */
int lines_read(struct bytes *text, const char *path, const char *what,
               int (*take)(void *ctx, const struct line *line), void *ctx);

/* Without the blanks around it; the end is cut in place. */
char *lines_trim(char *text);

#endif
