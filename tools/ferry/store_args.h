/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs of `ferry release` share: where the store is. */
#ifndef FERRY_TOOL_STORE_ARGS_H
#define FERRY_TOOL_STORE_ARGS_H

#include "args.h"
#include "release.h"

/* The first rows of each of these verbs. */
enum { STORE, ENDPOINT, CA_FILE, TIMEOUT, SOLE, STORE_ROWS };
/* clang-format off */
#define STORE_OPTIONS                                                                  \
    [STORE] = {"store", 'S', OPTIONAL, "WHERE",                                        \
               "a folder, or s3://BUCKET/PREFIX (else FERRY_STORE)"},                  \
    [ENDPOINT] = {"endpoint", 0, OPTIONAL, "URL",                                      \
                  "of the S3 server (else AWS_ENDPOINT_URL; else AWS)"},               \
    [CA_FILE] = {"ca-file", 0, OPTIONAL, "FILE",                                       \
                 "certificates to trust instead of the system's"},                     \
    [TIMEOUT] = {"timeout", 0, OPTIONAL, "SECONDS",                                    \
                 "without a byte for so long an attempt is over (30)"},                  \
    [SOLE] = {"sole-writer", 0, OPTIONAL, NULL,                                        \
              "nobody else writes: for S3 servers without conditional PUT"}
/* clang-format on */
#define STORE_NOTES                                                                    \
    "Keys of an S3 server come from the environment: AWS_ACCESS_KEY_ID,\n"             \
    "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION.\n"

extern const struct verb verb_release_publish;
extern const struct verb verb_release_list;
extern const struct verb verb_release_show;
extern const struct verb verb_release_withdraw;

/* The store that the options name. An exit code. */
int release_open(const struct args *a, struct store **s);

/* The release that an operand and --class name: the class may be left out where the
 * store holds one. An exit code. */
int release_find(const struct args *a, unsigned class_row, struct store *s,
                 struct release *r);

#endif
