/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where each thing is kept. Names of items are times, so that they sort. */
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

#define PATH_LEN 640
#define KNOWN_MAX 65536

static const char *const boxes[] = {"statements", "reports"};

static bool fails(struct memory *m, const char *path)
{
    snprintf(m->why, sizeof m->why, "%.100s: %s", path, strerror(errno));
    return false;
}

bool memory_open(struct memory *m, const char *dir)
{
    const char *const parts[] = {"", "/known", "/statements", "/reports", "/cache"};
    char path[PATH_LEN];

    memset(m, 0, sizeof *m);
    if (snprintf(m->dir, sizeof m->dir, "%s", dir) >= (int)sizeof m->dir) {
        errno = ENAMETOOLONG;
        return fails(m, dir);
    }
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s%s", m->dir, parts[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return fails(m, path);
        }
    }
    return true;
}

/* ---- what is known --------------------------------------------------------------- */

/* Any text is a name: it is hashed. */
static void known_path(const struct memory *m, const char *what, const char *of,
                       char path[PATH_LEN])
{
    uint8_t hash[16];
    char hex[2 * sizeof hash + 1];

    crypto_generichash(hash, sizeof hash, (const uint8_t *)of, strlen(of), NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(path, PATH_LEN, "%s/known/%s-%s.json", m->dir, what, hex);
}

json_t *memory_get(struct memory *m, const char *what, const char *of)
{
    char path[PATH_LEN];
    char *text = malloc(KNOWN_MAX);
    json_t *known = NULL;
    size_t len;

    known_path(m, what, of, path);
    if (text != NULL && ferry_file_load(path, text, KNOWN_MAX, &len) == 0) {
        known = json_loadb(text, len, 0, NULL);
    }
    free(text);
    return json_is_object(known) ? known : json_object();
}

bool memory_set(struct memory *m, const char *what, const char *of, const json_t *known)
{
    char path[PATH_LEN];
    char *text = json_dumps(known, JSON_INDENT(1) | JSON_SORT_KEYS);

    known_path(m, what, of, path);
    bool saved = text != NULL && ferry_file_save(path, text, strlen(text)) == 0;
    free(text);
    return saved || fails(m, path);
}

/* ---- what waits ------------------------------------------------------------------ */

static void item_path(const struct memory *m, enum memory_box box, const char *name,
                      char path[PATH_LEN])
{
    snprintf(path, PATH_LEN, "%s/%s/%.*s", m->dir, boxes[box], (int)MEMORY_ITEM, name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All of them into m->listed, in order; names that are not ours are passed over. */
static unsigned all(struct memory *m, enum memory_box box)
{
    const unsigned max = sizeof m->listed / sizeof m->listed[0];
    char path[PATH_LEN];
    unsigned n = 0;

    item_path(m, box, "", path);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir != NULL && n < max && (e = readdir(dir)) != NULL;) {
        if (strspn(e->d_name, "0123456789-") == strlen(e->d_name) &&
            strlen(e->d_name) < MEMORY_ITEM) {
            strcpy(m->listed[n++], e->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    qsort(m->listed, n, sizeof m->listed[0], by_name);
    return n;
}

unsigned memory_waiting(struct memory *m, enum memory_box box,
                        char (*names)[MEMORY_ITEM], unsigned max)
{
    unsigned n = all(m, box);

    n = n < max ? n : max;
    memcpy(names, m->listed, n * sizeof *names);
    return n;
}

bool memory_add(struct memory *m, enum memory_box box, const void *bytes, size_t len)
{
    char name[MEMORY_ITEM], path[PATH_LEN];
    struct timespec now;

    unsigned n = all(m, box);
    for (unsigned i = 0; n - i >= MEMORY_WAITING_MAX; i++) {
        memory_done(m, box, m->listed[i]);
    }
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(name, sizeof name, "%012lld-%09ld-%06u", (long long)now.tv_sec,
             now.tv_nsec, (unsigned)(m->made++ % 1000000U));
    item_path(m, box, name, path);
    return ferry_file_save(path, bytes, len) == 0 || fails(m, path);
}

bool memory_read(struct memory *m, enum memory_box box, const char *name,
                 uint8_t bytes[MEMORY_ITEM_MAX], size_t *len)
{
    char path[PATH_LEN];

    item_path(m, box, name, path);
    return ferry_file_load(path, bytes, MEMORY_ITEM_MAX, len) == 0 || fails(m, path);
}

void memory_done(struct memory *m, enum memory_box box, const char *name)
{
    char path[PATH_LEN];

    item_path(m, box, name, path);
    unlink(path);
}
