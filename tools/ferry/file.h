/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files in, whole files out. A file appears under its name complete or not at
 * all. Functions that return int return an exit code and have said why. */
#ifndef FERRY_TOOL_FILE_H
#define FERRY_TOOL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTES_TAIL 4U /* writable bytes behind what was read; the first one is 0 */

struct bytes {
    uint8_t *at;
    size_t len;
    uint8_t *room; /* what is to be freed */
    size_t room_len;
};

/* Room for `len` bytes, all 0, with `spare` more before and BYTES_TAIL behind. */
int bytes_new(struct bytes *b, size_t spare, size_t len);
/* Wiped, then freed: a key may have been among them. Harmless on a zeroed struct. */
void bytes_free(struct bytes *b);

/* The whole file, at most `max` bytes, behind `spare` writable ones. `what` is what a
 * longer file cannot be ("an image"). `b` is zeroed on failure. */
int file_read(struct bytes *b, const char *path, const char *what, size_t spare,
              size_t max);

/* A file written beside its final place, not yet under its name. */
struct pending {
    const char *path;
    char *temp; /* NULL: nothing is pending */
};

/* Write and sync a temporary file in the folder of `path`. */
int file_begin(struct pending *p, const char *path, unsigned mode, const void *data,
               size_t len);
/* Give it its name. */
int file_commit(struct pending *p);
/* Remove what was not committed. */
void file_drop(struct pending *p);

/* The end of several: with `code` DONE each that is pending gets its name, in this
 * order; else, and after one that does not, they are dropped. */
int file_settle(struct pending *p, unsigned n, int code);

/* All of that at once. */
int file_write(const char *path, unsigned mode, const void *data, size_t len);

bool file_exists(const char *path);
/* Do both names lead to one existing file? */
bool file_same(const char *a, const char *b);

/* `a` and `b` end to end, to be freed; NULL if there is no memory. */
char *file_name(const char *a, const char *b);
/* `name` as a file at `path` means it: it begins at that file's folder. The same. */
char *file_beside(const char *path, const char *name);

#endif
