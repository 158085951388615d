/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an error code that is not the right one is told: by its name in err.h. */
#include "check.h"

#include "ferry/err.h"

void check_code(const char *row, int got, int want, const char *file, int line)
{
    if (got != want) {
        print_error("%s: got %s (%d), want %s (%d)\n", row, ferry_errname(got), got,
                    ferry_errname(want), want);
        _fail(file, line);
    }
}
