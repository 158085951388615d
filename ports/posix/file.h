/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files that survive: after a crash, a kill or a power loss at any instant the
 * file holds all of the old bytes or all of the new ones. For a device's key, a phone's
 * cache. */
#ifndef FERRY_POSIX_FILE_H
#define FERRY_POSIX_FILE_H

#include <stddef.h>

#include "ferry/err.h"

/* Put `len` bytes in place of whatever `path` held; readable by its owner only. When it
 * returns 0 they are on the medium, name included. It writes `path`.new first, so one
 * writer at a time for each path; a `path`.new left by a kill is overwritten.
 * 0; or -1 with errno, and the file is as it was. */
FERRY_MUST_USE int ferry_file_save(const char *path, const void *bytes, size_t len);

/* Read all of it. 0; or -1 with errno (ENOENT: there is none; EFBIG: it has more than
 * `cap` bytes), and `len` is as it was. */
FERRY_MUST_USE int ferry_file_load(const char *path, void *buf, size_t cap,
                                   size_t *len);

#endif
