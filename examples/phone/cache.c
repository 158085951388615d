/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows names, parts, and which file has to go first. */
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN 640

static void path_of(const struct cache *c, const char *name, const char *end,
                    char path[PATH_LEN])
{
    snprintf(path, PATH_LEN, "%s/%s%s", c->dir, name, end);
}

bool cache_is_name(const char *name)
{
    return strlen(name) == CACHE_NAME - 1 &&
           strspn(name, "0123456789abcdef") == CACHE_NAME - 1;
}

bool cache_has(const struct cache *c, const char *name)
{
    char path[PATH_LEN];
    struct stat st;

    path_of(c, name, "", path);
    return cache_is_name(name) && stat(path, &st) == 0;
}

void cache_drop(const struct cache *c, const char *name)
{
    char path[PATH_LEN];

    path_of(c, name, "", path);
    unlink(path);
    path_of(c, name, ".part", path);
    unlink(path);
}

/* ---- reading --------------------------------------------------------------------- */

static uint8_t *read_file(int fd, size_t len)
{
    uint8_t *bytes = malloc(len + 1);
    size_t at = 0;

    while (bytes != NULL && at < len) {
        ssize_t n = pread(fd, bytes + at, len - at, (off_t)at);
        if (n <= 0) {
            free(bytes);
            return NULL;
        }
        at += (size_t)n;
    }
    return bytes;
}

static bool is_named(const char *name, const uint8_t *bytes, size_t len)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char text[CACHE_NAME];

    crypto_hash_sha256(hash, bytes, len);
    sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    return strcmp(text, name) == 0;
}

static uint8_t *read_named(int fd, const char *name, size_t *len)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || st.st_size > (off_t)CACHE_ARTIFACT_MAX) {
        return NULL;
    }
    *len = (size_t)st.st_size;
    uint8_t *bytes = read_file(fd, *len);
    if (bytes != NULL && !is_named(name, bytes, *len)) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

uint8_t *cache_load(struct cache *c, const char *name, size_t *len)
{
    char path[PATH_LEN];

    if (!cache_is_name(name)) {
        return NULL;
    }
    path_of(c, name, "", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    uint8_t *bytes = read_named(fd, name, len);
    if (bytes == NULL) {
        cache_drop(c, name);
    } else {
        futimens(fd, NULL); /* used just now */
    }
    close(fd);
    return bytes;
}

/* ---- room ------------------------------------------------------------------------ */

static bool is_kept(const struct cache *c, const char *file)
{
    for (unsigned i = 0; i < c->keeps; i++) {
        if (strncmp(c->keep[i], file, CACHE_NAME - 1) == 0) {
            return true;
        }
    }
    return false;
}

/* Bytes of all files but `name`'s, and of those that may go the one that was not used
 * for the longest time. */
static uint64_t weigh(const struct cache *c, const char *name, char oldest[PATH_LEN])
{
    DIR *dir = opendir(c->dir);
    uint64_t all = 0;
    time_t since = 0;

    oldest[0] = '\0';
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        char path[PATH_LEN];
        struct stat st;
        if (e->d_name[0] == '.' || strncmp(e->d_name, name, CACHE_NAME - 1) == 0 ||
            strlen(e->d_name) > CACHE_NAME + 8) {
            continue;
        }
        path_of(c, e->d_name, "", path);
        if (stat(path, &st) != 0) {
            continue;
        }
        all += (uint64_t)st.st_size;
        if (!is_kept(c, e->d_name) && (oldest[0] == '\0' || st.st_mtime < since)) {
            since = st.st_mtime;
            memcpy(oldest, path, sizeof path);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return all;
}

static bool make_room(const struct cache *c, const char *name, size_t size)
{
    char oldest[PATH_LEN];

    while (weigh(c, name, oldest) + size > c->max) {
        if (oldest[0] == '\0' || unlink(oldest) != 0) {
            return false;
        }
    }
    return true;
}

/* ---- parts ----------------------------------------------------------------------- */

int cache_part(struct cache *c, const char *name, size_t size, size_t *have)
{
    char path[PATH_LEN];
    struct stat st;

    if (!cache_is_name(name) || size == 0 || size > CACHE_ARTIFACT_MAX) {
        errno = EINVAL;
        return -1;
    }
    if (!make_room(c, name, size)) {
        errno = ENOSPC;
        return -1;
    }
    path_of(c, name, ".part", path);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return -1;
    }
    if (fstat(fd, &st) != 0 || (st.st_size > (off_t)size && ftruncate(fd, 0) != 0)) {
        close(fd);
        return -1;
    }
    *have = st.st_size > (off_t)size ? 0 : (size_t)st.st_size;
    return fd;
}

static void sync_dir(const struct cache *c)
{
    int fd = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

bool cache_whole(struct cache *c, const char *name, int fd, size_t size)
{
    char part[PATH_LEN], whole[PATH_LEN];
    size_t len = 0;
    uint8_t *bytes = read_named(fd, name, &len);
    bool good = bytes != NULL && len == size && fsync(fd) == 0;

    free(bytes);
    close(fd);
    path_of(c, name, ".part", part);
    path_of(c, name, "", whole);
    if (!good || rename(part, whole) != 0) {
        unlink(part);
        return false;
    }
    sync_dir(c);
    return true;
}
