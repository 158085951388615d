/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how sockets, terminals and ptys are opened, made raw and closed. Does not know
 * values. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "link.h"

/* Closing must not hide why something failed. */
static int close_failed(int fd)
{
    int why = errno;

    close(fd);
    errno = why;
    return -1;
}

/* ---- descriptors ----------------------------------------------------------------- */

static int prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        return -1;
    }
#if !defined(MSG_NOSIGNAL) && defined(SO_NOSIGPIPE)
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return 0;
}

/* Eight bits, no echo, no lines, no signals, no flow control by characters; a read of 0
 * bytes means that the line was hung up. */
static int make_raw(int fd)
{
    struct termios t;

    if (tcgetattr(fd, &t) != 0) {
        return -1;
    }
    t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | INPCK | ISTRIP | INLCR | IGNCR |
                             ICRNL | IXON | IXOFF);
    t.c_oflag &= ~(tcflag_t)OPOST;
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    t.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    t.c_cflag |= CS8 | CREAD | CLOCAL;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    return tcsetattr(fd, TCSANOW, &t);
}

static int adopt(struct ferry_link *l, int fd, bool values)
{
    struct stat st;

    memset(l, 0, sizeof *l);
    if (fstat(fd, &st) != 0 || prepare(fd) != 0) {
        return -1;
    }
    l->fd = fd;
    l->values = values;
    l->socket = S_ISSOCK(st.st_mode);
    l->opened = l->up = true;
    return 0;
}

int ferry_link_open_values(struct ferry_link *l, int fd)
{
    return adopt(l, fd, true);
}

int ferry_link_open_bytes(struct ferry_link *l, int fd)
{
    memset(l, 0, sizeof *l);
    if (isatty(fd) && make_raw(fd) != 0) {
        return -1;
    }
    return adopt(l, fd, false);
}

void ferry_link_close(struct ferry_link *l)
{
    if (l->opened) {
        close(l->fd);
    }
    memset(l, 0, sizeof *l);
}

/* ---- terminals ------------------------------------------------------------------- */

int ferry_link_open_tty(struct ferry_link *l, const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    memset(l, 0, sizeof *l);
    if (fd < 0) {
        return -1;
    }
    if (!isatty(fd)) {
        errno = ENOTTY;
        return close_failed(fd);
    }
    if (ferry_link_open_bytes(l, fd) != 0 || tcflush(fd, TCIFLUSH) != 0) {
        memset(l, 0, sizeof *l);
        return close_failed(fd);
    }
    return 0;
}

/* Opened and closed once, the slave is raw, and the master knows that nobody is there. */
static int ready_slave(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        return -1;
    }
    return make_raw(fd) != 0 ? close_failed(fd) : close(fd);
}

int ferry_link_open_pty(struct ferry_link *l, char slave[FERRY_LINK_PATH_MAX])
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY);
    const char *name;

    memset(l, 0, sizeof *l);
    if (fd < 0) {
        return -1;
    }
    if (grantpt(fd) != 0 || unlockpt(fd) != 0 || (name = ptsname(fd)) == NULL) {
        return close_failed(fd);
    }
    size_t len = strlen(name);
    if (len >= FERRY_LINK_PATH_MAX) {
        errno = ENAMETOOLONG;
        return close_failed(fd);
    }
    if (ready_slave(name) != 0 || adopt(l, fd, false) != 0) {
        return close_failed(fd);
    }
    memcpy(slave, name, len + 1);
    l->reopens = true;
    l->up = false;
    return 0;
}

/* ---- sockets --------------------------------------------------------------------- */

int ferry_link_open_pair(struct ferry_link *a, struct ferry_link *b)
{
    int fd[2];
    bool values = socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) == 0;

    memset(a, 0, sizeof *a);
    memset(b, 0, sizeof *b);
    if (!values && ((errno != EPROTONOSUPPORT && errno != EPROTOTYPE) ||
                    socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)) {
        return -1;
    }
    if (adopt(a, fd[0], values) != 0 || adopt(b, fd[1], values) != 0) {
        memset(a, 0, sizeof *a);
        close_failed(fd[0]);
        return close_failed(fd[1]);
    }
    return 0;
}

static int address(struct sockaddr_un *to, const char *path)
{
    size_t len = strlen(path);

    memset(to, 0, sizeof *to);
    to->sun_family = AF_UNIX;
    if (len >= sizeof to->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(to->sun_path, path, len);
    return 0;
}

static int message_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

    return fd >= 0 && prepare(fd) != 0 ? close_failed(fd) : fd;
}

/* May the path become ours? 0, or -1 with errno. */
static int take_over(const char *path)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        return errno == ENOENT ? 0 : -1;
    }
    if (!S_ISSOCK(st.st_mode)) {
        errno = EADDRINUSE;
        return -1;
    }
    return 0;
}

/* Somebody listens at a path from the moment it leads to this socket: it is bound, and
 * listens, beside it first. A peer that looks meanwhile finds what was there before. */
int ferry_link_listen(const char *path)
{
    struct sockaddr_un at;
    char beside[sizeof at.sun_path];

    if ((size_t)snprintf(beside, sizeof beside, "%s~", path) >= sizeof beside) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (take_over(path) != 0 || take_over(beside) != 0 || address(&at, beside) != 0) {
        return -1;
    }
    int fd = message_socket();
    if (fd < 0) {
        return -1;
    }
    (void)unlink(beside); /* of one that was killed just here */
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1) != 0 ||
        rename(beside, path) != 0) {
        return close_failed(fd);
    }
    return fd;
}

int ferry_link_accept(struct ferry_link *l, int listener)
{
    int fd = accept(listener, NULL, NULL);

    memset(l, 0, sizeof *l);
    if (fd < 0) {
        return -1;
    }
    return adopt(l, fd, true) != 0 ? close_failed(fd) : 0;
}

int ferry_link_connect(struct ferry_link *l, const char *path)
{
    struct sockaddr_un to;

    memset(l, 0, sizeof *l);
    if (address(&to, path) != 0) {
        return -1;
    }
    int fd = message_socket();
    if (fd < 0) {
        return -1;
    }
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
        adopt(l, fd, true) != 0) {
        return close_failed(fd);
    }
    return 0;
}
