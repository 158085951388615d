/* SPDX-License-Identifier: Apache-2.0
 *
 * What newlib's printf and abort want of an operating system, so that the simulated flash
 * can say which rule was broken. Knows no files and no heap beyond that. */
#include <stddef.h>
#include <sys/stat.h>

#include "mps2.h"

int _write(int fd, const char *bytes, int len);
int _read(int fd, char *bytes, int len);
int _close(int fd);
int _fstat(int fd, struct stat *s);
int _isatty(int fd);
int _lseek(int fd, int off, int from);
int _kill(int pid, int sig);
int _getpid(void);
void *_sbrk(ptrdiff_t more);
void _exit(int code) __attribute__((noreturn));

int _write(int fd, const char *bytes, int len)
{
    (void)fd;
    for (int i = 0; i < len; i++) {
        char one[2] = {bytes[i], '\0'};
        mps2_put(one);
    }
    return len;
}

int _read(int fd, char *bytes, int len)
{
    (void)fd;
    (void)bytes;
    (void)len;
    return 0;
}

int _close(int fd)
{
    (void)fd;
    return -1;
}

int _fstat(int fd, struct stat *s)
{
    (void)fd;
    s->st_mode = S_IFCHR;
    return 0;
}

int _isatty(int fd)
{
    (void)fd;
    return 1;
}

int _lseek(int fd, int off, int from)
{
    (void)fd;
    (void)off;
    (void)from;
    return 0;
}

int _kill(int pid, int sig)
{
    (void)pid;
    (void)sig;
    mps2_exit(134); /* abort() */
}

int _getpid(void)
{
    return 1;
}

void *_sbrk(ptrdiff_t more)
{
    static char heap[8192];
    static size_t used;

    if (more < 0 || used + (size_t)more > sizeof heap) {
        return (void *)-1;
    }
    used += (size_t)more;
    return heap + used - (size_t)more;
}

void _exit(int code)
{
    mps2_exit(code);
}
