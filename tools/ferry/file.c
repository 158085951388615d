/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to read a file with a limit and to replace one atomically. Does not know
 * what is in them. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

/* ---- reading --------------------------------------------------------------------- */

int bytes_new(struct bytes *b, size_t spare, size_t len)
{
    memset(b, 0, sizeof *b);
    uint8_t *room = calloc(1, spare + len + BYTES_TAIL);
    if (room == NULL) {
        return refuse("no memory for %zu bytes", len);
    }
    b->room = room;
    b->room_len = spare + len + BYTES_TAIL;
    b->at = room + spare;
    b->len = len;
    return DONE;
}

void bytes_free(struct bytes *b)
{
    if (b->room != NULL) {
        sodium_memzero(b->room, b->room_len);
        free(b->room);
    }
    memset(b, 0, sizeof *b);
}

/* Reads on to the end or, if the file is too long, to one byte past b->len. */
static int read_all(struct bytes *b, int fd, size_t max)
{
    ssize_t n;

    b->len = 0;
    while (b->len <= max && (n = read(fd, b->at + b->len, max + 1 - b->len)) != 0) {
        if (n < 0) {
            return -1;
        }
        b->len += (size_t)n;
    }
    return 0;
}

int file_read(struct bytes *b, const char *path, const char *what, size_t spare,
              size_t max)
{
    int code = bytes_new(b, spare, max);
    int fd = -1;

    if (code == DONE && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
        code = refuse("cannot read %s: %s", path, strerror(errno));
    }
    if (code == DONE && read_all(b, fd, max) != 0) {
        code = refuse("cannot read %s: %s", path, strerror(errno));
    }
    if (code == DONE && b->len > max) {
        code =
            refuse("%s: longer than %zu bytes, the most %s can have", path, max, what);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (code != DONE) {
        bytes_free(b);
    } else { /* what was not written to need not be wiped: `max` is large */
        b->room_len = spare + b->len + BYTES_TAIL;
    }
    return code;
}

/* ---- writing --------------------------------------------------------------------- */

static int write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0) {
            return -1;
        }
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* What mkstemp made is 0600; give it what open() would have given. */
static int set_mode(int fd, unsigned mode)
{
    mode_t mask = umask(0);

    umask(mask);
    return fchmod(fd, (mode_t)mode & ~mask);
}

/* Replacing a folder, a link or a device by a file is never what was meant. */
static int check_place(const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        return refuse("cannot write %s: it exists and is not a regular file", path);
    }
    return DONE;
}

/* 0, or the errno of what failed. Closes `fd` either way. */
static int fill(int fd, unsigned mode, const void *data, size_t len)
{
    int why = 0;

    if (set_mode(fd, mode) != 0 || write_all(fd, data, len) != 0 || fsync(fd) != 0) {
        why = errno;
    }
    if (close(fd) != 0 && why == 0) {
        why = errno;
    }
    return why;
}

int file_begin(struct pending *p, const char *path, unsigned mode, const void *data,
               size_t len)
{
    memset(p, 0, sizeof *p);
    if (check_place(path) != DONE) {
        return REFUSED;
    }
    p->path = path;
    p->temp = file_name(path, ".XXXXXX");
    int fd = p->temp != NULL ? mkstemp(p->temp) : -1;
    int why = fd < 0 ? errno : fill(fd, mode, data, len);
    if (why != 0) {
        file_drop(p);
        return refuse("cannot write %s: %s", path, strerror(why));
    }
    return DONE;
}

int file_commit(struct pending *p)
{
    int code = DONE;

    if (rename(p->temp, p->path) != 0) {
        code = refuse("cannot write %s: %s", p->path, strerror(errno));
        file_drop(p);
    }
    free(p->temp);
    p->temp = NULL;
    return code;
}

void file_drop(struct pending *p)
{
    if (p->temp != NULL) {
        unlink(p->temp);
        free(p->temp);
        p->temp = NULL;
    }
}

int file_settle(struct pending *p, unsigned n, int code)
{
    for (unsigned i = 0; i < n; i++) {
        if (code == DONE && p[i].temp != NULL) {
            code = file_commit(&p[i]);
        }
        file_drop(&p[i]);
    }
    return code;
}

int file_write(const char *path, unsigned mode, const void *data, size_t len)
{
    struct pending p;
    int code = file_begin(&p, path, mode, data, len);

    return code != DONE ? code : file_commit(&p);
}

/* ---- names ----------------------------------------------------------------------- */

bool file_exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

bool file_same(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

char *file_name(const char *a, const char *b)
{
    size_t len = strlen(a) + strlen(b) + 1;
    char *joined = malloc(len);

    if (joined != NULL) {
        snprintf(joined, len, "%s%s", a, b);
    }
    return joined;
}

char *file_beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');

    if (*name == '/' || slash == NULL) {
        return strdup(name);
    }
    char *folder = strndup(path, (size_t)(slash + 1 - path));
    char *joined = folder != NULL ? file_name(folder, name) : NULL;
    free(folder);
    return joined;
}
