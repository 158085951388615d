/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry tbs: the bytes a signature covers, so that others can check it. */
#include <stdio.h>

#include "artifact.h"
#include "say.h"
#include "verbs.h"

enum { OUT };

static const struct option_row options[] = {
    [OUT] = {"output", 'o', OPTIONAL, "FILE", "write there, not to standard output"},
    {0},
};

static int write_out(const struct args *args, const uint8_t *tbs, size_t len)
{
    const char *path = args->value[OUT];

    if (path == NULL) {
        fwrite(tbs, 1, len, stdout); /* main looks whether that worked */
        return DONE;
    }
    if (file_same(path, args->operands[0])) {
        return refuse("cannot write %s: it is the artifact itself", path);
    }
    return file_write(path, 0644, tbs, len);
}

static int run(const struct args *args)
{
    struct bytes b;
    struct artifact a;
    int code = artifact_read(&b, args->operands[0]);

    if (code == DONE) {
        code = artifact_open(&a, args->operands[0], &b);
    }
    if (code == DONE) {
        size_t len = ferry_tbs_make(a.env);
        code = write_out(args, a.env - FERRY_TBS_SPARE, len);
    }
    bytes_free(&b);
    return code;
}

const struct verb verb_tbs = {
    .name = "tbs",
    .operand = "ARTIFACT",
    .summary = "Write exactly the bytes that are signed",
    .options = options,
    .run = run,
};
