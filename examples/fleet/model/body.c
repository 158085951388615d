/* SPDX-License-Identifier: Apache-2.0
 *
 * Every reader passes on what was wrong before. */
#include "body.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* ---- a body ---------------------------------------------------------------------- */

bool body_good(const struct body *b)
{
    return b->json != NULL && b->o->status == 0;
}

bool body_open(struct body *b, const void *bytes, size_t len, struct outcome *o)
{
    json_error_t error;

    *b = (struct body){.o = o};
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

struct body body_of(const json_t *json, struct outcome *o)
{
    const struct body whole = {.o = o};

    return body_below(&whole, "", json);
}

struct body body_below(const struct body *above, const char *name, const json_t *json)
{
    struct body b = {.json = (json_t *)(uintptr_t)json, .o = above->o};

    snprintf(b.at, sizeof b.at, "%.45s%s%.16s", above->at, name[0] != '\0' ? "/" : "",
             name);
    if (!json_is_object(json)) {
        body_wrong(&b, "", "it is not an object");
        b.json = NULL;
    }
    return b;
}

void body_wrong(const struct body *b, const char *name, const char *why)
{
    char where[80];

    if (b->o->status == 0) {
        snprintf(where, sizeof where, "%.60s/%.18s", b->at, name);
        outcome_say(b->o, 422, where, "%s: %s", where, why);
    }
}

char *body_again(const struct body *b)
{
    char *text = json_dumps(b->json, JSON_COMPACT | JSON_SORT_KEYS);

    if (text == NULL) {
        outcome_say(b->o, 500, "", "no memory");
    }
    return text;
}

/* ---- its members ----------------------------------------------------------------- */

void body_only(const struct body *b, const char *const *names, size_t len)
{
    const char *name;
    json_t *value;

    json_object_foreach(b->json, name, value)
    {
        size_t i = 0;
        while (i < len && strcmp(names[i], name) != 0) {
            i++;
        }
        if (i == len) {
            body_wrong(b, name, "there is no such name here");
        }
    }
}

bool body_has(const struct body *b, const char *name)
{
    return json_object_get(b->json, name) != NULL;
}

/* What to say of a value that is there or not. */
static void unfit(const struct body *b, const char *name, const char *why)
{
    body_wrong(b, name, body_has(b, name) ? why : "it is missing");
}

int64_t body_number(const struct body *b, const char *name, int64_t min, int64_t max)
{
    const json_t *value = json_object_get(b->json, name);
    int64_t n = json_integer_value(value);
    char why[80];

    if (!json_is_integer(value) || n < min || n > max) {
        snprintf(why, sizeof why, "it is no whole number from %lld to %lld",
                 (long long)min, (long long)max);
        unfit(b, name, why);
        return min;
    }
    return n;
}

double body_real(const struct body *b, const char *name, double min, double max)
{
    const json_t *value = json_object_get(b->json, name);
    double x = json_number_value(value);
    char why[80];

    if (!json_is_number(value) || !(x >= min && x <= max)) {
        snprintf(why, sizeof why, "it is not a number from %g to %g", min, max);
        unfit(b, name, why);
        return min;
    }
    return x;
}

const char *body_text(const struct body *b, const char *name, size_t min, size_t max)
{
    const json_t *value = json_object_get(b->json, name);
    const char *text = json_string_value(value);
    char why[80];

    if (text == NULL || strlen(text) < min || strlen(text) > max) {
        snprintf(why, sizeof why, "it is not a text of %zu to %zu bytes", min, max);
        unfit(b, name, why);
        return "";
    }
    return text;
}

void body_id(const struct body *b, const char *name, uint8_t id[16])
{
    memset(id, 0, 16);
    if (!text_id(body_text(b, name, 1, ID_TEXT), id)) {
        body_wrong(b, name, "it is no id: 32 hexadecimal digits");
    }
}

uint32_t body_version(const struct body *b, const char *name)
{
    uint32_t version = 0;

    if (!text_version(body_text(b, name, 1, VERSION_TEXT), &version)) {
        body_wrong(b, name, "it is no version like 1.2.3");
    }
    return version;
}

bool body_bool(const struct body *b, const char *name)
{
    const json_t *value = json_object_get(b->json, name);

    if (value != NULL && !json_is_boolean(value)) {
        body_wrong(b, name, "it is neither true nor false");
    }
    return json_is_true(value);
}
