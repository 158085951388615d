/* SPDX-License-Identifier: Apache-2.0
 *
 * The server, over HTTPS. Knows requests, answers, and which failures pass by
 * themselves; not what is said. The transport is libcurl's. */
#ifndef FERRY_PHONE_NET_H
#define FERRY_PHONE_NET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_WHY_MAX 256U

enum net_answer {
    NET_DONE,
    NET_OFFLINE,   /* nobody answers: it passes by itself */
    NET_BUSY,      /* it said to come again: see `wait_s` */
    NET_GONE,      /* 404 or 410: what was asked for is not there, or no more */
    NET_REFUSED,   /* it understood and will not, or what it said is not readable */
    NET_UNTRUSTED, /* whoever answers is not the server: nothing was said to it */
    NET_DISK       /* what came could not be written here */
};
const char *net_answer_name(enum net_answer a);

struct net {
    void *curl;
    const char *base;    /* "https://fleet.example" */
    const char *ca_file; /* certificates to trust; NULL: the system's */
    unsigned timeout_s;  /* without a byte for so long it is over */
    char why[NET_WHY_MAX];
    unsigned wait_s; /* with NET_BUSY, and 0 if it did not say */
};

/* False: `why` says why. http:// is refused, but for this machine's own addresses. */
bool net_open(struct net *n, const char *base, const char *ca_file);
void net_close(struct net *n);

/* `path` begins with '/'. The caller's reference, with NET_DONE alone. */
enum net_answer net_get(struct net *n, const char *path, json_t **answer);
enum net_answer net_post(struct net *n, const char *path, const json_t *body,
                         json_t **answer);

/* From byte `have` on to the end at `size`, appended to `fd`; `*have` follows. A server
 * that begins at the front makes it begin anew. `url`: a path, or a whole URL of the
 * same server's. What was had stays where it was on every failure. */
enum net_answer net_fetch(struct net *n, const char *url, int fd, size_t *have,
                          size_t size);

#endif
