/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands for `ferry release` where the libraries that it wants were not there. */
#include "say.h"
#include "verbs.h"

static const struct option_row options[] = {{0}};

static int run(const struct args *a)
{
    (void)a;
    return refuse("release: this ferry was built without libcurl, expat or jansson");
}

const struct verb verb_release = {
    .name = "release",
    .operand = "...",
    .many = true,
    .summary = "Signed artifacts in a store (not built in here)",
    .options = options,
    .run = run,
};
