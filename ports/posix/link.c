/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how values get into and out of descriptors, and what each kind of descriptor
 * does when its peer has gone. Does not know who opened it, or what values mean. */
#include "link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* there, link_open.c sets SO_NOSIGPIPE */
#endif

static void gone(struct ferry_link *l)
{
    l->up = l->mute = false;
    l->left_len = 0;
}

/* A call failed. Does patience help? */
static bool passing(int why)
{
    return why == EAGAIN || why == EWOULDBLOCK || why == EINTR;
}

/* ---- out ------------------------------------------------------------------------- */

/* How many bytes the kernel took. A peer that takes nothing any more may have said
 * something before it went: that is still to be read. */
static size_t push(struct ferry_link *l, const uint8_t *bytes, size_t len)
{
    ssize_t n;

    do {
        n = l->socket ? send(l->fd, bytes, len, MSG_NOSIGNAL)
                      : write(l->fd, bytes, len);
    } while (n < 0 && errno == EINTR);
    l->mute = n < 0 && !passing(errno);
    return n > 0 ? (size_t)n : 0;
}

static void flush(struct ferry_link *l)
{
    if (l->up && !l->mute && l->left_len > 0) {
        size_t n = push(l, l->left + l->left_at, l->left_len);
        l->left_at = (uint16_t)(l->left_at + n);
        l->left_len = (uint16_t)(l->left_len - n);
    }
}

bool ferry_link_ready(struct ferry_link *l)
{
    flush(l);
    return l->up && !l->mute && l->left_len == 0;
}

bool ferry_link_send(struct ferry_link *l, const void *value, size_t len)
{
    if (len == 0 || len > FERRY_LINK_VALUE_MAX || !ferry_link_ready(l)) {
        return false;
    }
    memcpy(l->left, value, len);
    l->left_at = 0;
    l->left_len = (uint16_t)len;
    flush(l);
    return true;
}

/* ---- in -------------------------------------------------------------------------- */

/* As recv, but a value that does not fit is dropped: -1 and EMSGSIZE. */
static ssize_t receive_value(int fd, void *buf, size_t cap)
{
    struct iovec part = {.iov_base = buf, .iov_len = cap};
    struct msghdr msg;

    memset(&msg, 0, sizeof msg);
    msg.msg_iov = &part;
    msg.msg_iovlen = 1;
    ssize_t n = recvmsg(fd, &msg, 0);
    if (n >= 0 && (msg.msg_flags & MSG_TRUNC) != 0) {
        errno = EMSGSIZE;
        return -1;
    }
    return n;
}

static ssize_t pull(struct ferry_link *l, void *buf, size_t cap)
{
    ssize_t n;

    do {
        n = l->values ? receive_value(l->fd, buf, cap) : read(l->fd, buf, cap);
    } while (n < 0 && (errno == EINTR || errno == EMSGSIZE));
    return n;
}

size_t ferry_link_receive(struct ferry_link *l, void *buf, size_t cap)
{
    if (!l->up) {
        return 0;
    }
    ssize_t n = pull(l, buf, cap);
    if (n < 0 && errno == ECONNRESET) {
        /* A peer that went without reading everything is told of first, and only then
         * what it had sent. */
        n = pull(l, buf, cap);
    }
    if (n == 0 || (n < 0 && (l->mute || !passing(errno)))) {
        gone(l);
    }
    return n > 0 ? (size_t)n : 0;
}

/* ---- state ----------------------------------------------------------------------- */

/* A master with nobody at the slave reports a hang-up until somebody is. What the last
 * one wrote can still be read. */
static void look(struct ferry_link *l)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};

    if (poll(&p, 1, 0) < 0) {
        return;
    }
    if ((p.revents & POLLHUP) == 0) {
        l->up = true;
    } else if ((p.revents & POLLIN) == 0) {
        gone(l);
    }
}

bool ferry_link_up(struct ferry_link *l)
{
    if (l->opened && l->reopens) {
        look(l);
    }
    return l->up;
}

int ferry_link_fd(const struct ferry_link *l)
{
    return l->up ? l->fd : -1;
}

bool ferry_link_blocked(const struct ferry_link *l)
{
    return l->up && !l->mute && l->left_len > 0;
}
