/* SPDX-License-Identifier: Apache-2.0
 *
 * One signed request to an S3 server and its answer, over libcurl. Knows keys, host and
 * patience; not what is asked for (store_s3.c does). */
#ifndef FERRY_S3_H
#define FERRY_S3_H

#include <curl/curl.h>

#include "sigv4.h"
#include "store_in.h"

struct s3 {
    CURL *curl;
    struct sigv4_key key;
    char scheme[9]; /* "https://" or "http://" */
    char host[256]; /* as in the header: with a port that is not the scheme's own */
    char base[512]; /* stands before every name: "/bucket/prefix/", or "/prefix/" */
    char bucket_path[256]; /* where the bucket is listed: "/bucket", or "/" */
    const char *prefix;    /* of names in the bucket: "prefix/", or ""; in `base` */
    const char *ca_file;
    unsigned timeout_s, attempts;
    bool sole_writer;
};

struct s3_request {
    const char *method, *path;
    const struct sigv4_pair *query; /* in ascending order */
    size_t query_len;
    const void *body;
    size_t body_len;
    bool only_new;     /* If-None-Match: * */
    size_t answer_max; /* bytes of the answer, at most */
};

struct s3_answer {
    long status;
    uint8_t *body; /* to be freed; a 0 stands behind it */
    size_t len;
    bool too_long;
};

/* Asks, and asks again (after 1 s, 2 s, 4 s...) where the failure may pass: no answer, 429
 * or 5xx. False: no answer at all, and the reason is set. */
bool s3_ask(struct store *s, const struct s3_request *r, struct s3_answer *a);

/* Now, for a signature. */
void s3_time(char to[SIGV4_TIME]);

#endif
