/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of HTTP share: a request's beginning and end (request_life.c), and where
 * to listen (listen.c). */
#ifndef FERRY_FLEET_HTTP_IN_H
#define FERRY_FLEET_HTTP_IN_H

#include <netinet/in.h>

#include "request.h"

#define HTTP_CONNECTIONS_MAX 2000U
#define HTTP_PATIENCE_S 30U /* without a byte */
#define HTTP_HEAD_MAX 16384U

/* Called by libmicrohttpd with the request's first line: makes it. */
void *request_new(void *ctx, const char *uri, struct MHD_Connection *connection);
/* Called by libmicrohttpd when it is over, in whatever way. */
void request_end(void *ctx, struct MHD_Connection *connection, void **own,
                 enum MHD_RequestTerminationCode how);

/* Who brings it: its peer, or whom a proxy names. */
void request_relay(struct request *r);
enum MHD_Result request_send(struct request *r);

struct listen_at {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    bool is_v6;
};

/* Refuses to be plain on anything but loopback. */
bool listen_at_read(const struct settings *set, struct listen_at *at, char *why,
                    size_t cap);
#endif
