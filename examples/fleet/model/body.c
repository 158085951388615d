/* SPDX-License-Identifier: Apache-2.0
 *
 * Every reader passes on what was wrong before. */
#include "body.h"

#include <string.h>

#include "fields.h"
#include "text.h"

bool body_good(const struct body *b)
{
    return b->json != NULL && b->o->status == 0;
}

bool body_open(struct body *b, const void *bytes, size_t len, struct outcome *o)
{
    json_error_t error;

    b->o = o;
    b->json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (b->json == NULL) {
        outcome_say(o, 400, "", "no JSON: line %d, column %d: %.100s", error.line,
                    error.column, error.text);
    } else if (!json_is_object(b->json)) {
        outcome_say(o, 400, "", "JSON, but no object");
    }
    return body_good(b);
}

void body_close(struct body *b)
{
    json_decref(b->json);
}

static void wrong(struct body *b, const char *name, const char *why)
{
    struct fields top = {.o = b->o};

    if (body_good(b)) {
        fields_wrong(&top, name, why);
    }
}

bool body_has(const struct body *b, const char *name)
{
    return json_object_get(b->json, name) != NULL;
}

int64_t body_number(struct body *b, const char *name, int64_t min, int64_t max)
{
    const json_t *value = json_object_get(b->json, name);
    int64_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < min || n > max) {
        wrong(b, name,
              value == NULL ? "it is missing" : "it is no number that it can be");
        return min;
    }
    return n;
}

const char *body_text(struct body *b, const char *name, size_t max)
{
    const json_t *value = json_object_get(b->json, name);
    const char *text = json_string_value(value);

    if (text == NULL || strlen(text) > max) {
        wrong(b, name,
              value == NULL  ? "it is missing"
              : text == NULL ? "it is no text"
                             : "it is too long");
        return "";
    }
    return text;
}

void body_id(struct body *b, const char *name, uint8_t id[16])
{
    memset(id, 0, 16);
    if (!text_id(body_text(b, name, ID_TEXT), id)) {
        wrong(b, name, "it is no id: 32 hexadecimal digits");
    }
}

uint32_t body_version(struct body *b, const char *name)
{
    uint32_t version = 0;

    if (!text_version(body_text(b, name, VERSION_TEXT), &version)) {
        wrong(b, name, "it is no version like 1.2.3");
    }
    return version;
}

char *body_again(struct body *b)
{
    char *text = json_dumps(b->json, JSON_COMPACT | JSON_SORT_KEYS);

    if (text == NULL) {
        outcome_say(b->o, 500, "", "no memory");
    }
    return text;
}
