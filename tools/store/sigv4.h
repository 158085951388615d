/* SPDX-License-Identifier: Apache-2.0
 *
 * AWS Signature Version 4, as the S3 API reference describes it ("Authenticating
 * Requests"). Knows how a request is signed; does no I/O, has no clock. */
#ifndef FERRY_SIGV4_H
#define FERRY_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGV4_HEX 65U  /* a SHA-256 in hexadecimal, with its end */
#define SIGV4_TIME 17U /* "20130524T000000Z", with its end */
#define SIGV4_NO_BODY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

#define SIGV4_SECRET_MAX 255U

struct sigv4_key {
    const char *access;
    const char *secret; /* at most SIGV4_SECRET_MAX characters */
    const char *token;  /* of a temporary key; NULL: none */
    const char *region, *service;
};

struct sigv4_pair {
    const char *name, *value;
};

/* One request. `headers` are all that are signed, "host" among them: names in lower
 * case, in ascending order, values trimmed. `query` is in ascending order, neither names
 * nor values escaped. `path` begins with '/' and is not escaped. */
struct sigv4_request {
    const char *method, *path;
    const struct sigv4_pair *query;
    size_t query_len;
    const struct sigv4_pair *headers;
    size_t headers_len;
    const char *payload; /* SHA-256 in hexadecimal, or SIGV4_UNSIGNED */
    const char *time;    /* UTC, as SIGV4_TIME says */
};

void sigv4_hash(const void *bytes, size_t len, char hex[SIGV4_HEX]);

/* The signature, in hexadecimal. */
void sigv4_sign(const struct sigv4_key *key, const struct sigv4_request *r,
                char signature[SIGV4_HEX]);

/* The value of the header Authorization. False if `cap` is too little. */
bool sigv4_authorization(const struct sigv4_key *key, const struct sigv4_request *r,
                         char *to, size_t cap);

/* The query that makes a URL of its own for GET on `path` at `host` good for `seconds`
 * (1..604800), signature included. False if `cap` is too little. */
bool sigv4_presign(const struct sigv4_key *key, const char *host, const char *path,
                   const char *time, unsigned seconds, char *to, size_t cap);

/* Escapes what RFC 3986 does not call unreserved; '/' only if `slash`. Returns the
 * length it has (or would have: then it is not all there). */
size_t sigv4_escape(const char *text, bool slash, char *to, size_t cap);

#endif
