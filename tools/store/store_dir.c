/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in a folder. Knows how a file appears under its name whole, once and for good:
 * written beside it, synced, and linked to the name, which fails if there is one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_in.h"

#define PART ".part-" /* begins the name of what is being written */

struct dir {
    char root[PATH_MAX]; /* absolute */
};

static bool path_of(struct store *s, const char *name, char path[PATH_MAX])
{
    const struct dir *d = s->own;
    int len = snprintf(path, PATH_MAX, "%s/%s", d->root, name);

    if (len < 0 || len >= PATH_MAX) {
        store_failed(s, "%s/%.40s: too long a name", d->root, name);
        return false;
    }
    return true;
}

/* The folders above `path`, below the store's own. */
static bool make_folders(struct store *s, char *path)
{
    const struct dir *d = s->own;

    for (char *slash = strchr(path + strlen(d->root) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        if (!made) {
            store_failed(s, "cannot make %s: %s", path, strerror(errno));
        }
        *slash = '/';
        if (!made) {
            return false;
        }
    }
    return true;
}

/* A new name is there after a power cut, too. */
static int sync_folder(const char *path)
{
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int why = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return why;
}

/* 0, or the errno of what failed. Closes `fd` either way. */
static int fill(int fd, const uint8_t *bytes, size_t len)
{
    int why = 0;

    while (len > 0 && why == 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0) {
            why = errno == EINTR ? 0 : errno;
            continue;
        }
        bytes += n;
        len -= (size_t)n;
    }
    if (why == 0 && (fchmod(fd, 0644) != 0 || fsync(fd) != 0)) {
        why = errno;
    }
    return close(fd) != 0 && why == 0 ? errno : why;
}

static enum store_answer put_new(struct store *s, const char *name, const void *bytes,
                                 size_t len)
{
    const struct dir *d = s->own;
    char path[PATH_MAX], part[PATH_MAX + sizeof PART + 8];

    if (!path_of(s, name, path) || !make_folders(s, path)) {
        return STORE_FAILED;
    }
    snprintf(part, sizeof part, "%s/" PART "XXXXXX", d->root);
    int fd = mkstemp(part);
    if (fd < 0) {
        return store_failed(s, "cannot write in %s: %s", d->root, strerror(errno));
    }
    int why = fill(fd, bytes, len);
    if (why == 0 && link(part, path) != 0) {
        why = errno;
    }
    unlink(part);
    if (why == EEXIST) {
        return STORE_EXISTS;
    }
    if (why == 0) {
        why = sync_folder(path);
    }
    return why == 0 ? STORE_DONE
                    : store_failed(s, "cannot write %s: %s", path, strerror(why));
}

static bool read_all(int fd, uint8_t *to, size_t len)
{
    while (len > 0) {
        ssize_t n = read(fd, to, len);
        if (n == 0) {
            errno = EIO; /* shorter than it said: nobody alters what is in a store */
        }
        if (n <= 0) {
            return false;
        }
        to += n;
        len -= (size_t)n;
    }
    return true;
}

static enum store_answer read_file(struct store *s, const char *path, int fd,
                                   size_t max, uint8_t **bytes, size_t *len)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return store_failed(s, "%s: not a file", path);
    }
    if ((uint64_t)st.st_size > max) {
        return store_failed(s, "%s: longer than %zu bytes", path, max);
    }
    uint8_t *room = calloc(1, (size_t)st.st_size + 1);
    if (room == NULL || !read_all(fd, room, (size_t)st.st_size)) {
        free(room);
        return store_failed(s, "cannot read %s: %s", path, strerror(errno));
    }
    *bytes = room;
    *len = (size_t)st.st_size;
    return STORE_DONE;
}

static enum store_answer get(struct store *s, const char *name, size_t max,
                             uint8_t **bytes, size_t *len)
{
    char path[PATH_MAX];

    if (!path_of(s, name, path)) {
        return STORE_FAILED;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT
                   ? STORE_ABSENT
                   : store_failed(s, "cannot read %s: %s", path, strerror(errno));
    }
    enum store_answer answer = read_file(s, path, fd, max, bytes, len);
    close(fd);
    return answer;
}

/* One folder below the store's own, and those in it. `name` ends with '/' or is "". */
static bool walk(struct store *s, const char *name, const char *prefix,
                 bool (*each)(void *ctx, const char *name), void *ctx)
{
    char path[PATH_MAX], below[STORE_NAME_MAX + 1];
    const struct dirent *entry;
    bool going = path_of(s, name, path);
    DIR *folder = going ? opendir(path) : NULL;

    if (folder == NULL) {
        return going && errno == ENOENT; /* an empty store has no folders yet */
    }
    while (going && (entry = readdir(folder)) != NULL) {
        struct stat st;
        int len = snprintf(below, sizeof below, "%s%s", name, entry->d_name);
        if (entry->d_name[0] == '.' || len >= (int)sizeof below - 1 ||
            !path_of(s, below, path) || stat(path, &st) != 0) {
            continue;
        }
        if (S_ISDIR(st.st_mode)) {
            strcat(below, "/");
            going = walk(s, below, prefix, each, ctx);
        } else if (strncmp(below, prefix, strlen(prefix)) == 0) {
            going = each(ctx, below);
        }
    }
    closedir(folder);
    return going;
}

static enum store_answer list(struct store *s, const char *prefix,
                              bool (*each)(void *ctx, const char *name), void *ctx)
{
    char folder[STORE_NAME_MAX + 1];

    snprintf(folder, sizeof folder, "%s", prefix);
    char *slash = strrchr(folder, '/');
    *(slash != NULL ? slash + 1 : folder) = '\0';
    walk(s, folder, prefix, each, ctx);
    return STORE_DONE;
}

static enum store_answer url(struct store *s, const char *name, unsigned seconds,
                             char to[STORE_URL_MAX])
{
    const struct dir *d = s->own;
    (void)seconds;
    int len = snprintf(to, STORE_URL_MAX, "file://");

    for (const char *c = d->root; *c != '\0' && len < (int)STORE_URL_MAX - 4; c++) {
        bool plain = strchr(" %?#\"<>", *c) == NULL && *c > ' ' && *c < 0x7F;
        len += snprintf(to + len, STORE_URL_MAX - (size_t)len, plain ? "%c" : "%%%02X",
                        (unsigned char)*c);
    }
    len += snprintf(to + len, STORE_URL_MAX - (size_t)len, "/%s", name);
    return len < (int)STORE_URL_MAX ? STORE_DONE
                                    : store_failed(s, "%s: too long a name", d->root);
}

static void close_dir(struct store *s)
{
    free(s->own);
}

bool store_dir_open(struct store *s, const char *path)
{
    static const struct store_kind kind = {put_new, get, list, url, close_dir};
    struct dir *d = calloc(1, sizeof *d);
    struct stat st;

    if (d == NULL || realpath(path, d->root) == NULL || stat(d->root, &st) != 0) {
        store_failed(s, "%s: %s", path, strerror(errno));
    } else if (!S_ISDIR(st.st_mode)) {
        store_failed(s, "%s: not a folder", path);
    } else {
        s->kind = &kind;
        s->own = d;
        return true;
    }
    free(d);
    return false;
}
