/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a release file is laid out, and which fields a whole release shares. Does
 * not know what the fields mean. */
#include "release_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "say.h"

/* One release has one of these: above the first section. */
static bool shared(enum field f)
{
    return f == FIELD_SLOT || f == FIELD_CLASS || f == FIELD_VERSION ||
           f == FIELD_SEC_CTR || f == FIELD_BUILD_ID || f == FIELD_BUILD_TIME;
}

/* ---- sections -------------------------------------------------------------------- */

/* It becomes a file's name, in the folder that was asked for and nowhere else. */
static int check_name(const struct release *r, const struct line *line)
{
    const char *name = line->key;

    if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL) {
        return refuse("%s: line %u: [%s] is no name for an artifact's file", r->file,
                      line->number, name);
    }
    for (unsigned i = 0; i < r->len; i++) {
        if (strcmp(r->jobs[i].fields.section, name) == 0) {
            return refuse("%s: line %u: [%s] is there twice", r->file, line->number,
                          name);
        }
    }
    if (r->len == RELEASE_MAX) {
        return refuse("%s: line %u: more than %u artifacts", r->file, line->number,
                      RELEASE_MAX);
    }
    return DONE;
}

static int take_section(struct release *r, const struct line *line)
{
    int code = check_name(r, line);

    if (code == DONE) {
        struct job *j = &r->jobs[r->len++];
        j->fields = r->common;
        j->fields.section = line->key;
    }
    return code;
}

/* ---- fields ---------------------------------------------------------------------- */

/* A section may say otherwise than what stands above it; nothing may be said twice in
 * one place, or both here and on the command line. */
static int take_field(struct release *r, const struct line *line)
{
    enum field f = field_of(line->key);
    bool top = r->len == 0;
    struct fields *fields = top ? &r->common : &r->jobs[r->len - 1].fields;

    if (f == FIELDS) {
        return refuse("%s: line %u: no such key: '%s'", r->file, line->number,
                      line->key);
    }
    if (!top && shared(f)) {
        return refuse("%s: line %u: %s is the whole release's: above the first section",
                      r->file, line->number, line->key);
    }
    const struct field_text *old = &fields->of[f];
    if (old->text != NULL && old->line == 0) {
        return misuse("sign: --%s is in line %u of %s, too", line->key, line->number,
                      r->file);
    }
    if (old->text != NULL && (top || old->line != r->common.of[f].line)) {
        return refuse("%s: line %u: %s is given twice", r->file, line->number,
                      line->key);
    }
    fields->of[f] = (struct field_text){line->value, line->number};
    return DONE;
}

static int take_line(void *ctx, const struct line *line)
{
    struct release *r = ctx;

    return line->value == NULL ? take_section(r, line) : take_field(r, line);
}

/* ---- the whole ------------------------------------------------------------------- */

static int name_outputs(struct release *r, const char *folder)
{
    char *base = file_name(folder, "/");
    int code = base != NULL ? DONE : refuse("no memory for file names");

    for (unsigned i = 0; code == DONE && i < r->len; i++) {
        struct job *j = &r->jobs[i];
        j->out = file_name(base, j->fields.section);
        code = j->out != NULL ? DONE : refuse("no memory for file names");
    }
    free(base);
    return code;
}

int release_file_read(struct release *r, const char *file, const struct fields *flags,
                      const char *folder)
{
    r->file = file;
    r->common = *flags;
    r->common.file = file;
    int code = lines_read(&r->text, file, "a release file", take_line, r);
    if (code == DONE && r->len == 0) {
        code = refuse("%s: has no [section]: no artifact is asked for", file);
    }
    return code == DONE ? name_outputs(r, folder) : code;
}

void release_file_free(struct release *r)
{
    bytes_free(&r->text);
}
