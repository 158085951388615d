/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes every page of a painted fleet into files, for a browser to look at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "paint.h"
#include "schema.h"

static const struct shot {
    const char *file, *path, *query, *wrong;
} shots[] = {
    {"home", "/", NULL, NULL},
    {"frozen", "/rollouts/2", NULL, NULL},
    {"phones", "/rollouts/2", "facet=phone", NULL},
    {"urgent", "/rollouts/3", NULL, NULL},
    {"open", "/rollouts/4", NULL, NULL},
    {"draft", "/rollouts/5", NULL, NULL},
    {"freeze", "/rollouts/4/freeze", NULL, "A reason is missing, or is too long."},
    {"waive", "/rollouts/4/waive", NULL, NULL},
    {"rollback", "/rollouts/2/rollback", NULL, NULL},
    {"not-now", "/rollouts/2/freeze", NULL, NULL},
    {"devices", "/devices", "id=a0", NULL},
    {"no-device", "/devices", "id=%3Cscript%3E%22", NULL},
    {"device", "/devices/" PAINT_DEVICE, NULL, NULL},
    {"security", "/security", NULL, NULL},
    {"transfers", "/transfers", NULL, NULL},
    {"releases", "/releases", NULL, NULL},
    {"audit", "/audit", NULL, NULL},
    {"sign-in", "/sign-in", NULL, "this is no token"},
    {"missing", "/rollouts/99", NULL, NULL},
};

static int write_shot(struct db *db, const char *folder, const struct shot *s)
{
    struct page_ask ask = {.path = s->path,
                           .query = s->query,
                           .who = PAINT_HOSTILE,
                           .wrong = s->wrong,
                           .now = PAINT_NOW};
    struct page_answer a;
    char path[1024];

    page_make(db, &ask, &a);
    snprintf(path, sizeof path, "%s/%s.html", folder, s->file);
    FILE *to = a.html != NULL ? fopen(path, "w") : NULL;
    if (to == NULL || fwrite(a.html, 1, a.len, to) != a.len || fclose(to) != 0) {
        fprintf(stderr, "write_pages: cannot write %s\n", path);
        return 1;
    }
    printf("%s %u\n", s->file, a.status);
    free(a.html);
    return 0;
}

int main(int argc, char **argv)
{
    char where[1100], why[DB_WHY_MAX];
    int failed = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: write_pages FOLDER\n");
        return 2;
    }
    snprintf(where, sizeof where, "sqlite:%s/fleet.db", argv[1]);
    struct db *db = db_open(where, DB_WRITER, why, sizeof why);
    if (db == NULL || !schema_ready(db, why, sizeof why) || !paint_fleet(db)) {
        fprintf(stderr, "write_pages: %s\n", db != NULL ? db_why(db) : why);
        return 1;
    }
    for (size_t i = 0; i < sizeof shots / sizeof shots[0]; i++) {
        failed |= write_shot(db, argv[1], &shots[i]);
    }
    db_close(db);
    return failed;
}
