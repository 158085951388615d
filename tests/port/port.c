/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows folders, processes and sleep. Does not know what is tested. */
#include "port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static pid_t owner;

/* A forked child that calls exit() must not take the folder along. */
static void clean(void)
{
    DIR *d = getpid() == owner ? opendir(folder) : NULL;

    if (d == NULL) {
        return;
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        unlink(path);
        rmdir(path);
    }
    closedir(d);
    rmdir(folder);
}

const char *port_path(const char *name)
{
    static char paths[8][128];
    static unsigned next;

    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/tmp/ferry-port-XXXXXX");
        assert_non_null(mkdtemp(folder));
        owner = getpid();
        atexit(clean);
    }
    char *to = paths[next++ % COUNT(paths)];
    snprintf(to, sizeof paths[0], "%s/%s", folder, name);
    return to;
}

void *port_shared(size_t len)
{
    const char *path = port_path("shared");
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)len), 0);
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(memory != MAP_FAILED);
    close(fd);
    unlink(path);
    return memory;
}

void port_unshare(void *memory, size_t len)
{
    munmap(memory, len);
}

void port_sleep_us(long us)
{
    struct timespec t = {us / 1000000, us % 1000000 * 1000};

    while (nanosleep(&t, &t) != 0 && errno == EINTR) {
    }
}

uint64_t port_real_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

/* cmocka's handlers would go on with the next test in the child. */
pid_t port_child(int (*run)(void *ctx), void *ctx)
{
    static const int caught[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS};
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < COUNT(caught); i++) {
            signal(caught[i], SIG_DFL);
        }
        _exit(run(ctx));
    }
    return child;
}

int port_ended(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0) {
        assert_int_equal(errno, EINTR);
    }
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

void port_put(const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}
