/* SPDX-License-Identifier: Apache-2.0
 *
 * How the tool says no: one line on standard error, whatever bytes a file name or a
 * file has in it. Each function returns the exit code that goes with it. */
#ifndef FERRY_TOOL_SAY_H
#define FERRY_TOOL_SAY_H

#include <stddef.h>

enum { DONE = 0, REFUSED = 1, MISUSED = 2 };

#define SAY_LIKE(fmt_arg, first) __attribute__((format(printf, fmt_arg, first)))

/* The input or the output is at fault: REFUSED. */
int refuse(const char *fmt, ...) SAY_LIKE(1, 2);

/* The same about byte `at` of file `path`; `err` is an enum ferry_err. */
int refuse_at(const char *path, size_t at, int err, const char *fmt, ...)
    SAY_LIKE(4, 5);

/* The command line is at fault: MISUSED. */
int misuse(const char *fmt, ...) SAY_LIKE(1, 2);

#endif
