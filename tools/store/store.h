/* SPDX-License-Identifier: Apache-2.0
 *
 * A store: objects that are written once and never altered, in a folder or in a bucket
 * of an S3 server. Knows names and bytes; not what they mean (release.h does).
 *
 * Names are relative, of [a-z0-9.-] and '/', and never begin with a dot. One thread at a
 * time may use a store. */
#ifndef FERRY_STORE_H
#define FERRY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_NAME_MAX 200U
#define STORE_URL_MAX 2048U

enum store_answer {
    STORE_DONE = 0,
    STORE_EXISTS, /* put: something has that name already; it was left as it is */
    STORE_ABSENT, /* get: nothing has that name */
    STORE_FAILED, /* store_why() says why */
};

struct store;

struct store_settings {
    const char *endpoint; /* s3: URL of the server; NULL: AWS's own for the region */
    const char *ca_file;  /* s3: certificates to trust; NULL: the system's */
    unsigned timeout_s;   /* s3: without a byte for so long an attempt is over */
    unsigned attempts;    /* s3: after failures that may pass; at least 1 */
    bool sole_writer; /* s3: nobody else puts anything, so it is enough to look first:
                             for servers that have no conditional PUT */
};

/* `where`: a folder that exists, or s3://BUCKET[/PREFIX]. Keys of S3 come from the
 * environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
 * AWS_REGION. NULL: `why` says why. Close it with store_close. */
struct store *store_open(const char *where, const struct store_settings *settings,
                         char *why, size_t why_cap);
void store_close(struct store *s);

/* What went wrong last, one line. */
const char *store_why(const struct store *s);

/* All of it appears under its name at once, and only if nothing has that name: of two
 * that put one name one gets STORE_DONE and the other STORE_EXISTS. A failure may leave
 * it there. */
enum store_answer store_put_new(struct store *s, const char *name, const void *bytes,
                                size_t len);

/* The whole object, at most `max` bytes (more is a failure). *bytes is the caller's to
 * free; a 0 stands behind it. */
enum store_answer store_get(struct store *s, const char *name, size_t max,
                            uint8_t **bytes, size_t *len);

/* Each name that begins with `prefix`, in no order. `each` returns false to stop. */
enum store_answer store_list(struct store *s, const char *prefix,
                             bool (*each)(void *ctx, const char *name), void *ctx);

/* A URL under which anyone can get the object for so many seconds (s3), or its file://
 * URL (a folder). */
enum store_answer store_url(struct store *s, const char *name, unsigned seconds,
                            char url[STORE_URL_MAX]);

/* Does putting what is there answer STORE_EXISTS, as it must? Some S3 servers ignore
 * the condition and write again: two publishers at once are not safe with those.
 * `name` exists, and has these bytes. */
bool store_keeps_first(struct store *s, const char *name, const void *bytes,
                       size_t len);

#endif
