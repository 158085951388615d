/* SPDX-License-Identifier: Apache-2.0
 *
 * A release file: what all artifacts of a release share, then a section for each of
 * them. `ferry sign --help` and docs/SIGNING.md show one. */
#ifndef FERRY_TOOL_RELEASE_FILE_H
#define FERRY_TOOL_RELEASE_FILE_H

#include "file.h"
#include "job.h"

#define RELEASE_MAX 32U /* artifacts */

/* Zeroed, then `jobs` pointing to RELEASE_MAX zeroed jobs. */
struct release {
    const char *file;
    struct bytes text;    /* the fields lie in it */
    struct fields common; /* from above the first section, and from the command line */
    struct job *jobs;
    unsigned len;
};

/* `flags`: the fields that the command line has; each of them only where the file is
 * silent. `folder`: where the artifacts go. An exit code; it has said why. */
int release_file_read(struct release *r, const char *file, const struct fields *flags,
                      const char *folder);
void release_file_free(struct release *r);

#endif
