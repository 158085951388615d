/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how each kind is told from the others, and how its place is written. */
#include "fields.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

#define TEXT_MAX 200U

bool fields_wrong(const struct fields *at, const char *name, const char *why)
{
    char where[80];

    snprintf(where, sizeof where, "%.60s/%.18s", at->pointer, name);
    outcome_say(at->o, 422, where, "%s: %s", where, why);
    return false;
}

struct fields fields_below(const struct fields *at, const char *name)
{
    struct fields p = {.o = at->o};

    snprintf(p.pointer, sizeof p.pointer, "%.45s/%.16s", at->pointer, name);
    return p;
}

bool fields_only(const struct fields *at, const json_t *object,
                 const char *const *names, size_t len)
{
    const char *name;
    json_t *value;

    if (!json_is_object(object)) {
        return fields_wrong(at, "", "it is not an object");
    }
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        size_t i = 0;
        while (i < len && strcmp(names[i], name) != 0) {
            i++;
        }
        if (i == len) {
            return fields_wrong(at, name, "there is no such name here");
        }
    }
    return true;
}

bool fields_number(const struct fields *at, const json_t *object, const char *name,
                   double min, double max, double *to)
{
    const json_t *value = json_object_get(object, name);
    char why[80];

    if (value == NULL) {
        return true;
    }
    double x = json_number_value(value);
    if (!json_is_number(value) || !(x >= min && x <= max)) {
        snprintf(why, sizeof why, "it is not a number from %g to %g", min, max);
        return fields_wrong(at, name, why);
    }
    *to = x;
    return true;
}

bool fields_whole(const struct fields *at, const json_t *object, const char *name,
                  int64_t max, int64_t *to)
{
    const json_t *value = json_object_get(object, name);

    if (value == NULL) {
        return true;
    }
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > max) {
        return fields_wrong(at, name, "it is not a whole number in its range");
    }
    *to = json_integer_value(value);
    return true;
}

bool fields_bool(const struct fields *at, const json_t *object, const char *name,
                 bool *to)
{
    const json_t *value = json_object_get(object, name);

    if (value != NULL && !json_is_boolean(value)) {
        return fields_wrong(at, name, "it is neither true nor false");
    }
    *to = value != NULL ? json_is_true(value) : *to;
    return true;
}

bool fields_hex(const struct fields *at, const json_t *object, const char *name,
                uint8_t to[16])
{
    const char *text = json_string_value(json_object_get(object, name));
    uint8_t bytes[16];

    if (json_object_get(object, name) == NULL) {
        return true;
    }
    if (text == NULL || !text_id(text, bytes)) {
        return fields_wrong(at, name, "it is not 32 hexadecimal digits");
    }
    memcpy(to, bytes, sizeof bytes);
    return true;
}

bool fields_text(const struct fields *at, const json_t *object, const char *name,
                 const char **to)
{
    const json_t *value = json_object_get(object, name);
    size_t len = json_string_length(value);

    if (len == 0 || len > TEXT_MAX) {
        return fields_wrong(at, name, "it is not a text of 1 to 200 bytes");
    }
    *to = json_string_value(value);
    return true;
}
