/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into BlueZ's btvirt, so that it runs anywhere and as anybody: its sockets,
 * at fixed paths in /tmp, come to stand in the working directory; and where the kernel
 * has no AF_ALG, which it asks for before it makes a controller, something else is
 * given. Then it can do no AES: its own (LE Encrypt, private addresses) is not used. It
 * ends with whoever started it. */
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIXED "/tmp/bt-server-"

__attribute__((constructor)) static void end_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

int socket(int domain, int type, int protocol)
{
    int (*real)(int, int, int);

    *(void **)&real = dlsym(RTLD_NEXT, "socket");
    int fd = real(domain, type, protocol);
    return fd < 0 && domain == AF_ALG ? real(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
                                      : fd;
}

/* What stands in the working directory, for a path as btvirt has it. */
static const char *here(const char *path)
{
    return strncmp(path, FIXED, sizeof FIXED - 1) == 0 ? strrchr(path, '/') + 1 : path;
}

int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    int (*real)(int, const struct sockaddr *, socklen_t);
    struct sockaddr_un local;

    *(void **)&real = dlsym(RTLD_NEXT, "bind");
    if (addr->sa_family == AF_UNIX && len <= sizeof local) {
        memset(&local, 0, sizeof local);
        local.sun_family = AF_UNIX;
        strcpy(local.sun_path,
               here(((const struct sockaddr_un *)(const void *)addr)->sun_path));
        return real(fd, (const struct sockaddr *)&local, sizeof local);
    }
    int err = real(fd, addr, len);
    return addr->sa_family == AF_ALG ? 0 : err;
}

int unlink(const char *path)
{
    int (*real)(const char *);

    *(void **)&real = dlsym(RTLD_NEXT, "unlink");
    return real(here(path));
}
