/* SPDX-License-Identifier: Apache-2.0
 *
 * Which page a path is, and what is answered when it cannot be made. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "page_in.h"

static const struct plain {
    const char *path;
    void (*make)(struct page *p);
} plain[] = {{"/", page_home},
             {"/devices", page_devices},
             {"/security", page_security},
             {"/transfers", page_transfers},
             {"/releases", page_releases},
             {"/audit", page_audit},
             {"/sign-in", page_sign_in}};

static const struct plain *plain_of(const char *path)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(plain[i].path, path) == 0) {
            return &plain[i];
        }
    }
    return NULL;
}

/* What stands behind "/devices/"; NULL: it is no such path. */
static const char *device_of(const char *path)
{
    static const char root[] = "/devices/";
    const char *id = path + sizeof root - 1;

    return strncmp(path, root, sizeof root - 1) == 0 && id[0] != '\0' &&
                   strchr(id, '/') == NULL
               ? id
               : NULL;
}

bool page_has(const char *path)
{
    int64_t no;
    const char *act;

    return plain_of(path) != NULL || device_of(path) != NULL ||
           rollout_path(path, &no, &act);
}

static void write_page(struct page *p)
{
    const struct plain *one = plain_of(p->ask->path);
    const char *id = device_of(p->ask->path), *act;
    int64_t no;

    if (one != NULL) {
        one->make(p);
    } else if (id != NULL) {
        page_device(p, id);
    } else if (!rollout_path(p->ask->path, &no, &act)) {
        page_missing(p, "page");
    } else if (act[0] == '\0') {
        page_rollout(p, no);
    } else {
        page_confirm(p, no, act);
    }
}

/* What was written before the database failed is of no use. */
static void write_failure(struct page_answer *a)
{
    static const char html[] =
        "<!doctype html>\n<html lang=\"en\"><title>ferryd</title>\n<h1>The database "
        "fails</h1>\n<p>What it said stands in the server's log.</p>\n</html>\n";

    free(a->html);
    a->status = 500;
    a->html = strdup(html);
    a->len = a->html != NULL ? sizeof html - 1 : 0;
}

void page_make(struct db *db, const struct page_ask *ask, struct page_answer *a)
{
    *a = (struct page_answer){500, NULL, 0};
    struct page p = {open_memstream(&a->html, &a->len), db, ask, 200};

    if (p.to == NULL) {
        return;
    }
    write_page(&p);
    bool good = !ferror(p.to);
    good = fclose(p.to) == 0 && good;
    a->status = p.status;
    if (!good || (db != NULL && db_failed(db))) {
        write_failure(a);
    }
}
