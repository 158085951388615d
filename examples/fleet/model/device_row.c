/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the fields of one line, strictly: a device that is imported wrong is never heard. */
#include "device_row.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define SMALL_MAX 31U /* regions and tags are bits of 32 */

const struct table_column row_columns[ROW_COLUMNS] = {
    {"id", true},      {"class", true}, {"key", true},        {"hw_rev", true},
    {"region", false}, {"tags", false}, {"household", false},
};

static bool wrong(char *why, size_t cap, unsigned column, const char *field,
                  const char *what)
{
    snprintf(why, cap, "%s \"%.70s\": %s", row_columns[column].name, field, what);
    return false;
}

/* Numbers below 32 with spaces between. */
static bool read_tags(const char *text, uint32_t *tags)
{
    char one[8];
    uint32_t bits = 0, tag;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (len == 0 || len >= sizeof one) {
            return false;
        }
        memcpy(one, text, len);
        one[len] = '\0';
        if (!text_number(one, SMALL_MAX, &tag)) {
            return false;
        }
        bits |= UINT32_C(1) << tag;
        text += len;
        if (*text == ' ' && *++text == '\0') {
            return false;
        }
    }
    *tags = bits;
    return true;
}

static bool is_none(const char *field)
{
    return strcmp(field, "-") == 0;
}

/* What the factory burned. */
static bool read_made(struct device_row *d, const char *const *field, char *why,
                      size_t cap)
{
    size_t len = 0;

    if (!text_id(field[ROW_ID], d->id)) {
        return wrong(why, cap, ROW_ID, field[ROW_ID], "not 32 hexadecimal digits");
    }
    if (!text_id(field[ROW_CLASS], d->class_id)) {
        return wrong(why, cap, ROW_CLASS, field[ROW_CLASS],
                     "not 32 hexadecimal digits");
    }
    if (sodium_hex2bin(d->key, sizeof d->key, field[ROW_KEY], strlen(field[ROW_KEY]),
                       NULL, &len, NULL) != 0 ||
        len != sizeof d->key || strlen(field[ROW_KEY]) != 2 * sizeof d->key) {
        return wrong(why, cap, ROW_KEY, field[ROW_KEY], "not 64 hexadecimal digits");
    }
    if (!text_number(field[ROW_HW_REV], UINT32_MAX, &d->hw_rev)) {
        return wrong(why, cap, ROW_HW_REV, field[ROW_HW_REV], "no number");
    }
    return true;
}

bool row_read(struct device_row *d, const char *const *field, char *why, size_t cap)
{
    const char *household = field[ROW_HOUSEHOLD];

    memset(d, 0, sizeof *d);
    d->has_region = field[ROW_REGION][0] != '\0';
    d->has_tags = field[ROW_TAGS][0] != '\0';
    d->has_household = household[0] != '\0';
    if (!read_made(d, field, why, cap)) {
        return false;
    }
    if (d->has_region && !text_number(field[ROW_REGION], SMALL_MAX, &d->region)) {
        return wrong(why, cap, ROW_REGION, field[ROW_REGION], "not a number below 32");
    }
    if (d->has_tags && !is_none(field[ROW_TAGS]) &&
        !read_tags(field[ROW_TAGS], &d->tags)) {
        return wrong(why, cap, ROW_TAGS, field[ROW_TAGS],
                     "not numbers below 32 with a space between");
    }
    if (d->has_household && !is_none(household) && !text_id(household, d->household)) {
        return wrong(why, cap, ROW_HOUSEHOLD, household, "not 32 hexadecimal digits");
    }
    return true;
}
