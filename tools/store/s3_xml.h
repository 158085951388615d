/* SPDX-License-Identifier: Apache-2.0
 *
 * The two answers of an S3 server that are read: a page of a listing, and an error. */
#ifndef FERRY_S3_XML_H
#define FERRY_S3_XML_H

#include <stdbool.h>
#include <stddef.h>

struct s3_page {
    bool (*each)(void *ctx, const char *key); /* false: no more */
    void *ctx;
    bool stopped;    /* by `each` */
    char next[1200]; /* where the next page begins; "" behind the last one */
};

/* One page of ListObjectsV2. False if it is not one. */
bool s3_page_read(struct s3_page *page, const char *xml, size_t len);

/* "NoSuchKey: The specified key does not exist.", or "" if this is no error's text. */
void s3_error_read(const char *xml, size_t len, char *to, size_t cap);

#endif
