/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes JSON, one member a line, to standard output. What it writes is valid and
 * plain ASCII whatever bytes it is given. */
#ifndef FERRY_TOOL_JSON_H
#define FERRY_TOOL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
    unsigned depth;
    bool more; /* a member stands before the next one */
};

/* `key` is NULL inside an array and for the outermost value. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const void *text, size_t len);
void json_number(struct json *j, const char *key, long long n);
void json_bool(struct json *j, const char *key, bool b);
void json_null(struct json *j, const char *key);

/* A quoted string alone: what is not printable ASCII is escaped, and what is not
 * UTF-8 becomes U+FFFD. Safe for a terminal, too. */
void json_quote(const void *text, size_t len);

#endif
