/* SPDX-License-Identifier: Apache-2.0
 *
 * A link that carries values: byte strings of up to 512 bytes. Over a message socket
 * (SOCK_SEQPACKET) their boundaries are kept; over a byte stream (pty, tty, stream
 * socket) they are just bytes, which the engine accepts. Nothing here ever blocks, and
 * nothing raises SIGPIPE.
 *
 * A link owns its descriptor from a successful open to the close. The open functions
 * return 0, or -1 with errno; then nothing is open, and a descriptor that was passed
 * still is the caller's. */
#ifndef FERRY_POSIX_LINK_H
#define FERRY_POSIX_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/err.h"

#define FERRY_LINK_VALUE_MAX 512U
#define FERRY_LINK_PATH_MAX 128U /* room for a pty's name */

struct ferry_link {
    /* To read. */
    bool reopens; /* a pty's master: a new peer may come after one has gone */
    /* Internals below. */
    bool opened, up;
    bool values; /* boundaries are kept */
    bool socket;
    bool mute; /* the peer takes nothing any more */
    int fd;
    uint16_t left_len, left_at; /* taken from the sender, not yet by the kernel */
    uint8_t left[FERRY_LINK_VALUE_MAX];
};

/* A connected SOCK_SEQPACKET socket. */
FERRY_MUST_USE int ferry_link_open_values(struct ferry_link *l, int fd);
/* A connected stream socket or a terminal; the latter becomes raw. */
FERRY_MUST_USE int ferry_link_open_bytes(struct ferry_link *l, int fd);

/* Two ends in one process, or for fork(). Where AF_UNIX has no SOCK_SEQPACKET (macOS)
 * they carry bytes. */
FERRY_MUST_USE int ferry_link_open_pair(struct ferry_link *a, struct ferry_link *b);

/* A terminal, or a pty's slave, by its path: raw, speed as it is, old input dropped. */
FERRY_MUST_USE int ferry_link_open_tty(struct ferry_link *l, const char *path);
/* A new pty: the master is this link, `slave` receives the path for the peer. It is
 * down until somebody opens that, and again after everybody closed it. */
FERRY_MUST_USE int ferry_link_open_pty(struct ferry_link *l,
                                       char slave[FERRY_LINK_PATH_MAX]);

/* Message sockets by path. A listener is a plain descriptor, the caller's to poll and
 * close; it takes the path over from a socket that was left there, in one step, and uses
 * the same path with a ~ on the way. accept with nobody waiting: EAGAIN. */
FERRY_MUST_USE int ferry_link_listen(const char *path);
FERRY_MUST_USE int ferry_link_accept(struct ferry_link *l, int listener);
FERRY_MUST_USE int ferry_link_connect(struct ferry_link *l, const char *path);

/* Twice, after a failed open, or on a zeroed struct: harmless. */
void ferry_link_close(struct ferry_link *l);

/* Can the peer still be there? False once its end is closed and all it sent is read. */
FERRY_MUST_USE bool ferry_link_up(struct ferry_link *l);

/* Can the link take a value now? */
FERRY_MUST_USE bool ferry_link_ready(struct ferry_link *l);

/* Take one value of 1 to 512 bytes. False, and nothing is taken: it was not ready.
 * Taken is not arrived: the peer may be gone. */
FERRY_MUST_USE bool ferry_link_send(struct ferry_link *l, const void *value,
                                    size_t len);

/* One value, or what bytes there are. Returns the length; 0: nothing now. A value of
 * more than `cap` bytes is dropped. */
FERRY_MUST_USE size_t ferry_link_receive(struct ferry_link *l, void *buf, size_t cap);

/* For poll and the like: readable means that receive or up have something to say. -1
 * while the link is down. */
FERRY_MUST_USE int ferry_link_fd(const struct ferry_link *l);
/* And it waits to become writable: a value was taken and is not on its way. */
FERRY_MUST_USE bool ferry_link_blocked(const struct ferry_link *l);

#endif
