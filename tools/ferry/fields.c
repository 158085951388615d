/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the fields' names, and how to point at one. */
#include "fields.h"

#include <string.h>

#include "file.h"
#include "say.h"

static const char *const names[] = {
    [FIELD_SLOT] = "slot",
    [FIELD_CLASS] = "class",
    [FIELD_HW] = "hw",
    [FIELD_VERSION] = "version",
    [FIELD_SEC_CTR] = "sec-ctr",
    [FIELD_LINK] = "link",
    [FIELD_IMAGE] = "image",
    [FIELD_MIN_FROM] = "min-from",
    [FIELD_DEVICE] = "device",
    [FIELD_BUILD_ID] = "build-id",
    [FIELD_BUILD_TIME] = "build-time",
    [FIELD_MAP] = "map",
    [FIELD_PREVIOUS] = "previous",
};

const char *field_name(enum field f)
{
    return names[f];
}

enum field field_of(const char *name)
{
    unsigned i = 0;

    while (i < FIELDS && strcmp(names[i], name) != 0) {
        i++;
    }
    return (enum field)i;
}

char *field_path(const struct fields *all, enum field f)
{
    const struct field_text *name = &all->of[f];

    if (name->text == NULL) {
        return NULL;
    }
    return name->line > 0 ? file_beside(all->file, name->text) : strdup(name->text);
}

int field_bad(const struct fields *all, enum field f, const char *why)
{
    const struct field_text *bad = &all->of[f];

    if (bad->line > 0) {
        return refuse("%s: line %u: %s '%s': %s", all->file, bad->line, names[f],
                      bad->text, why);
    }
    return misuse("sign: --%s '%s': %s", names[f], bad->text, why);
}

int field_missing(const struct fields *all, enum field f)
{
    if (all->file != NULL) {
        return refuse("%s: [%s]: %s is missing", all->file, all->section, names[f]);
    }
    return misuse("sign: --%s is missing; see ferry sign --help", names[f]);
}
