/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a piece of the ferry tool on an input: files that are memory, and what it says
 * on its two streams, which is held to the tool's manners. For glibc: elsewhere stdout
 * cannot be assigned to. No expect() between begin and end: it would not be heard. */
#ifndef FERRY_FUZZ_CAPTURED_H
#define FERRY_FUZZ_CAPTURED_H

#include "fuzz.h"

/* A file with these bytes, until the next call. */
const char *captured_file(const void *bytes, size_t len);

/* What was said, with an end; valid until the next begin. */
struct captured {
    char *out, *err;
    size_t out_len, err_len;
};

void captured_begin(struct captured *c);
void captured_end(struct captured *c);

/* An exit code of 0 goes with silence on standard error, any other one with lines that
 * say why and hold nothing that drives a terminal; one line, or up to `most`. */
void captured_manners(const struct captured *c, int code, unsigned most);
/* Standard output is one value of JSON (RFC 8259), in ASCII. */
void captured_json(const struct captured *c);

#endif
