/* SPDX-License-Identifier: Apache-2.0
 *
 * How a request begins and ends: made with its first line, counted and logged when it is
 * answered, freed when the connection is done with it. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_in.h"
#include "say.h"

void *request_new(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    struct server *s = ctx;
    struct request *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return NULL; /* the connection is closed */
    }
    r->server = s;
    r->connection = connection;
    r->began_us = real_us();
    snprintf(r->uri, sizeof r->uri, "%s", uri);
    atomic_fetch_add(&s->under_way, 1);
    return r;
}

void request_end(void *ctx, struct MHD_Connection *connection, void **own,
                 enum MHD_RequestTerminationCode how)
{
    struct request *r = *own;
    (void)ctx;
    (void)connection;
    (void)how;

    if (r == NULL) {
        return;
    }
    answer_drop(r);
    if (r->free_own != NULL) {
        r->free_own(r->own);
    }
    free(r->body);
    atomic_fetch_sub(&r->server->body_bytes, r->body_room);
    atomic_fetch_sub(&r->server->under_way, 1);
    free(r);
    *own = NULL;
}

static void peer_of(struct request *r, char *to, size_t cap)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info != NULL ? info->client_addr : NULL;

    to[0] = '\0';
    if (peer != NULL && peer->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)peer;
        inet_ntop(AF_INET, &v4->sin_addr, to, (socklen_t)cap);
    } else if (peer != NULL && peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)peer;
        inet_ntop(AF_INET6, &v6->sin6_addr, to, (socklen_t)cap);
    }
}

/* The last of the addresses: the proxy's own word; those before it are its client's. */
static bool forwarded(struct request *r, char *to, size_t cap)
{
    const char *list =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "X-Forwarded-For");
    const char *comma = list != NULL ? strrchr(list, ',') : NULL;
    uint8_t bytes[16];
    char text[REQUEST_RELAY_MAX];

    if (list == NULL || sscanf(comma != NULL ? comma + 1 : list, " %45s", text) != 1 ||
        (inet_pton(AF_INET, text, bytes) != 1 &&
         inet_pton(AF_INET6, text, bytes) != 1)) {
        return false;
    }
    snprintf(to, cap, "%s", text);
    return true;
}

void request_relay(struct request *r)
{
    if (!r->server->set.forwarded || !forwarded(r, r->relay, sizeof r->relay)) {
        peer_of(r, r->relay, sizeof r->relay);
    }
}

bool request_may(struct request *r, uint32_t cost)
{
    char seconds[12];
    uint32_t wait_s = limit_take(&r->server->limit, r->relay, cost, real_us());

    if (wait_s == 0) {
        return true;
    }
    atomic_fetch_add(&r->server->metrics.limited, 1);
    answer_problem(r, 429, NULL, "too much from one address: again in %" PRIu32 " s",
                   wait_s);
    snprintf(seconds, sizeof seconds, "%" PRIu32, wait_s);
    answer_header(r, "Retry-After", seconds);
    return false;
}

static void count(struct request *r)
{
    struct server *s = r->server;
    int64_t us = real_us() - r->began_us;
    unsigned row =
        r->route != NULL ? (unsigned)(r->route - route_table) : METRICS_ROUTES_MAX;

    metrics_request(&s->metrics, row, r->status, us);
    if (s->set.log == LOG_REQUESTS) {
        say("info", "%s %s %u %" PRId64 " us from %s%s%s", r->method, r->path,
            r->status, us, r->relay, r->who[0] != '\0' ? " by " : "", r->who);
    }
}

enum MHD_Result request_send(struct request *r)
{
    if (r->answer == NULL) {
        answer_problem(r, 500, NULL, "no memory");
    }
    if (r->answer == NULL) {
        return MHD_NO;
    }
    if (r->server->closing) {
        answer_header(r, "Connection", "close");
    }
    r->state = REQUEST_ANSWERED;
    count(r);
    return MHD_queue_response(r->connection, r->status, r->answer);
}
