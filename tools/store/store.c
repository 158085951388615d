/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which kinds of store there are, and what a name may be. */
#include "store_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum store_answer store_failed(struct store *s, const char *fmt, ...)
{
    va_list more;

    va_start(more, fmt);
    vsnprintf(s->why, sizeof s->why, fmt, more);
    va_end(more);
    return STORE_FAILED;
}

const char *store_why(const struct store *s)
{
    return s->why;
}

struct store *store_open(const char *where, const struct store_settings *settings,
                         char *why, size_t why_cap)
{
    struct store *s = calloc(1, sizeof *s);

    if (s == NULL) {
        snprintf(why, why_cap, "no memory");
        return NULL;
    }
    bool opened = strncmp(where, "s3://", 5) == 0
                      ? store_s3_open(s, where + 5, settings)
                      : store_dir_open(s, where);
    if (!opened) {
        snprintf(why, why_cap, "%s", s->why);
        free(s);
        return NULL;
    }
    return s;
}

void store_close(struct store *s)
{
    if (s != NULL) {
        s->kind->close(s);
        free(s);
    }
}

/* No way out of the folder, nothing hidden, nothing that a URL would spell otherwise. */
static bool is_name(const char *name, bool prefix)
{
    const char *set = "abcdefghijklmnopqrstuvwxyz0123456789.-/";
    size_t len = strlen(name);

    return len <= STORE_NAME_MAX && strspn(name, set) == len && name[0] != '/' &&
           name[0] != '.' && strstr(name, "/.") == NULL && strstr(name, "//") == NULL &&
           (prefix || (len > 0 && name[len - 1] != '/'));
}

static enum store_answer no_name(struct store *s, const char *name)
{
    return store_failed(s, "'%.40s' is no name of an object", name);
}

enum store_answer store_put_new(struct store *s, const char *name, const void *bytes,
                                size_t len)
{
    return is_name(name, false) ? s->kind->put_new(s, name, bytes, len)
                                : no_name(s, name);
}

enum store_answer store_get(struct store *s, const char *name, size_t max,
                            uint8_t **bytes, size_t *len)
{
    return is_name(name, false) ? s->kind->get(s, name, max, bytes, len)
                                : no_name(s, name);
}

enum store_answer store_list(struct store *s, const char *prefix,
                             bool (*each)(void *ctx, const char *name), void *ctx)
{
    return is_name(prefix, true) ? s->kind->list(s, prefix, each, ctx)
                                 : no_name(s, prefix);
}

enum store_answer store_url(struct store *s, const char *name, unsigned seconds,
                            char url[STORE_URL_MAX])
{
    return is_name(name, false) ? s->kind->url(s, name, seconds, url)
                                : no_name(s, name);
}

bool store_keeps_first(struct store *s, const char *name, const void *bytes, size_t len)
{
    return store_put_new(s, name, bytes, len) == STORE_EXISTS;
}
