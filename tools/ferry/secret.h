/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIN or a passphrase: out of a file, the environment, or a person at the terminal;
 * never off the command line, which every process of the machine can read. */
#ifndef FERRY_TOOL_SECRET_H
#define FERRY_TOOL_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MAX 255U

struct secret {
    char text[SECRET_MAX + 1]; /* ends with 0; nothing that is typed has one inside */
    size_t len;
};

/* Where it may come from. The first one that is there counts. */
struct secret_from {
    const char *what; /* "PIN of token x", for the prompt and for messages */
    const char *file; /* its first line; NULL: none was named */
    const char *env;  /* a variable */
    bool twice;       /* ask again: a slip of the finger would lock a key for good */
};

/* Returns an exit code and has said why; `s` is wiped on failure. */
int secret_get(struct secret *s, const struct secret_from *from);
void secret_wipe(struct secret *s);

#endif
