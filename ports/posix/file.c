/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows in which order a file is written, flushed and renamed so that no instant shows
 * half of it. Does not know what is in the file. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where fsync stops at the drive's cache, there is a stronger call. */
static int flush(int fd)
{
#ifdef F_FULLFSYNC
    if (fcntl(fd, F_FULLFSYNC) == 0) {
        return 0;
    }
#endif
    return fsync(fd);
}

/* Closing must not hide why something failed. */
static int close_failed(int fd)
{
    int why = errno;

    close(fd);
    errno = why;
    return -1;
}

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0) {
        return -1;
    }
    if (write_all(fd, bytes, len) != 0 || flush(fd) != 0) {
        return close_failed(fd);
    }
    return close(fd);
}

/* The new name is durable once its folder is. Some file systems cannot flush a folder,
 * and say so with EINVAL. */
static int flush_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);

    memcpy(folder, slash == NULL ? "." : path, len);
    folder[len] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    if (flush(fd) != 0 && errno != EINVAL) {
        return close_failed(fd);
    }
    return close(fd);
}

int ferry_file_save(const char *path, const void *bytes, size_t len)
{
    char fresh[PATH_MAX];
    int n = snprintf(fresh, sizeof fresh, "%s.new", path);

    if (n < 0 || (size_t)n >= sizeof fresh) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (write_file(fresh, bytes, len) != 0 || rename(fresh, path) != 0) {
        int why = errno;
        unlink(fresh);
        errno = why;
        return -1;
    }
    return flush_folder(path);
}

int ferry_file_load(const char *path, void *buf, size_t cap, size_t *len)
{
    char *to = buf;
    char beyond;
    size_t have = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return -1;
    }
    for (;;) {
        bool full = have == cap;
        ssize_t n = full ? read(fd, &beyond, 1) : read(fd, to + have, cap - have);
        if (n < 0 && errno != EINTR) {
            return close_failed(fd);
        }
        if (n > 0 && full) {
            errno = EFBIG;
            return close_failed(fd);
        }
        if (n == 0) {
            break;
        }
        have += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    *len = have;
    return 0;
}
