/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a field looks to people and in JSON. Does not know what the fields mean. */
#include "view.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define HEX_MAX 513U /* of 256 bytes: nothing shown is longer */

void view_begin(struct view *v, const char *file)
{
    if (v->as_json) {
        json_open(&v->json, NULL, '{');
        json_text(&v->json, "file", file, strlen(file));
    } else {
        printf("%s\n", file);
    }
}

void view_end(struct view *v)
{
    if (v->as_json) {
        json_close(&v->json, '}');
    }
}

void view_part(struct view *v, const char *name)
{
    if (v->as_json) {
        json_open(&v->json, name, '{');
    } else {
        printf("%s\n", name);
    }
}

void view_part_end(struct view *v)
{
    view_end(v);
}

void view_label(const char *name)
{
    printf("  %-18s ", name);
}

void view_text(struct view *v, const char *name, const char *text)
{
    if (v->as_json) {
        json_text(&v->json, name, text, strlen(text));
    } else {
        view_label(name);
        printf("%s\n", text);
    }
}

void view_note(struct view *v, const char *text)
{
    if (!v->as_json) {
        view_text(v, "", text);
    }
}

void view_absent(struct view *v, const char *name)
{
    if (v->as_json) {
        json_null(&v->json, name);
    }
}

void view_number(struct view *v, const char *name, size_t n)
{
    if (v->as_json) {
        json_number(&v->json, name, (long long)n);
    } else {
        view_label(name);
        printf("%zu\n", n);
    }
}

void view_address(struct view *v, const char *name, uint32_t address)
{
    char text[16];

    if (v->as_json) {
        json_number(&v->json, name, address);
    } else {
        snprintf(text, sizeof text, "0x%08x", (unsigned)address);
        view_text(v, name, text);
    }
}

void view_bool(struct view *v, const char *name, bool b)
{
    if (v->as_json) {
        json_bool(&v->json, name, b);
    } else {
        view_text(v, name, b ? "true" : "false");
    }
}

void view_hex(struct view *v, const char *name, const uint8_t *p, size_t len)
{
    char hex[HEX_MAX];

    sodium_bin2hex(hex, sizeof hex, p, len);
    view_text(v, name, hex);
}

void view_id(struct view *v, const char *name, const uint8_t *id)
{
    char text[ID_TEXT];

    if (id == NULL) {
        view_absent(v, name);
        return;
    }
    text_of_id(id, text);
    view_text(v, name, text);
}

void view_version(struct view *v, const char *name, uint32_t version)
{
    char text[VERSION_TEXT];

    text_of_version(version, text);
    view_text(v, name, text);
}
