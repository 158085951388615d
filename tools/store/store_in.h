/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kind of store brings. */
#ifndef FERRY_STORE_IN_H
#define FERRY_STORE_IN_H

#include "store.h"

struct store_kind {
    enum store_answer (*put_new)(struct store *s, const char *name, const void *bytes,
                                 size_t len);
    enum store_answer (*get)(struct store *s, const char *name, size_t max,
                             uint8_t **bytes, size_t *len);
    enum store_answer (*list)(struct store *s, const char *prefix,
                              bool (*each)(void *ctx, const char *name), void *ctx);
    enum store_answer (*url)(struct store *s, const char *name, unsigned seconds,
                             char url[STORE_URL_MAX]);
    void (*close)(struct store *s);
};

struct store {
    const struct store_kind *kind;
    void *own; /* the kind's */
    char why[512];
};

/* Sets the reason: STORE_FAILED. */
__attribute__((format(printf, 2, 3))) enum store_answer
store_failed(struct store *s, const char *fmt, ...);

/* true, or the reason is set. `rest` is what stands behind s3:// */
bool store_dir_open(struct store *s, const char *path);
bool store_s3_open(struct store *s, const char *rest,
                   const struct store_settings *settings);

#endif
