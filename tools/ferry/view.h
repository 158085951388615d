/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of fields, for people or as JSON. Both views come out of the same calls, so
 * that they cannot differ in what they say. */
#ifndef FERRY_TOOL_VIEW_H
#define FERRY_TOOL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

struct view {
    struct json json;
    bool as_json;
};

/* The whole, and what is in it; for people the title of a part is a line of its own. A
 * file's name may hold anything. */
void view_begin(struct view *v, const char *file);
void view_end(struct view *v);
void view_part(struct view *v, const char *name);
void view_part_end(struct view *v);

void view_text(struct view *v, const char *name, const char *text);
void view_absent(struct view *v, const char *name); /* people do not miss it */
void view_number(struct view *v, const char *name, size_t n);
/* JSON has no hexadecimal, and people no eye for addresses in decimal. */
void view_address(struct view *v, const char *name, uint32_t address);
void view_bool(struct view *v, const char *name, bool b);
void view_hex(struct view *v, const char *name, const uint8_t *p, size_t len);
void view_id(struct view *v, const char *name, const uint8_t *id); /* NULL: absent */
void view_version(struct view *v, const char *name, uint32_t version);
/* Words for people alone. */
void view_note(struct view *v, const char *text);
/* The label in front of a value that the caller prints itself, for people. */
void view_label(const char *name);

#endif
