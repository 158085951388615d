/* SPDX-License-Identifier: Apache-2.0
 *
 * What an artifact is made from, as text, and where each text stands: on the command
 * line, or in a line of a release file. Does not know what the texts mean. */
#ifndef FERRY_TOOL_FIELDS_H
#define FERRY_TOOL_FIELDS_H

/* Also the first rows of `ferry sign`'s options, in this order. */
enum field {
    FIELD_SLOT,
    FIELD_CLASS,
    FIELD_HW,
    FIELD_VERSION,
    FIELD_SEC_CTR,
    FIELD_LINK,
    FIELD_IMAGE,
    FIELD_MIN_FROM,
    FIELD_DEVICE,
    FIELD_BUILD_ID,
    FIELD_BUILD_TIME,
    FIELD_MAP,
    FIELD_PREVIOUS,
    FIELDS
};

struct field_text {
    const char *text; /* NULL: not given */
    unsigned line;    /* of the release file; 0: the command line has it */
};

struct fields {
    const char *file;    /* the release file; NULL: there is none */
    const char *section; /* of it: the artifact's name */
    struct field_text of[FIELDS];
};

/* As options and release files spell it. */
const char *field_name(enum field f);

/* The field of this name; FIELDS if none has it. */
enum field field_of(const char *name);

/* The file that a field names, to be freed: beside the release file, if that says it.
 * NULL: it is not given, or there is no memory. */
char *field_path(const struct fields *all, enum field f);

/* Says that a text will not do, or that one is missing. Returns an exit code: MISUSED
 * about the command line, REFUSED about a file. */
int field_bad(const struct fields *all, enum field f, const char *why);
int field_missing(const struct fields *all, enum field f);

#endif
