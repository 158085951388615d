/* SPDX-License-Identifier: Apache-2.0
 *
 * One request on its way: read, asked, perhaps waiting for the writer, answered. */
#ifndef FERRY_FLEET_REQUEST_H
#define FERRY_FLEET_REQUEST_H

#include <stdbool.h>

#include "answer.h"
#include "route.h"
#include "server.h"
#include "writer.h"

#define REQUEST_RELAY_MAX 46U /* an IPv6 address, with its end */
#define REQUEST_URI_MAX 1024U
#define REQUEST_WHO_MAX 65U

enum request_state {
    REQUEST_NEW,     /* its head has not been looked at */
    REQUEST_READING, /* its body comes */
    REQUEST_WAITING, /* for the writer, suspended */
    REQUEST_ANSWERED /* the answer is there, perhaps not sent */
};

struct request {
    struct job job; /* its place in the writer's queue; first: job -> request */
    struct server *server;
    struct MHD_Connection *connection;
    enum request_state state;
    const struct route *route;
    char argument[ROUTE_ARGUMENT_MAX]; /* what stands for {no} or {sha256} */
    char uri[REQUEST_URI_MAX];         /* as it was sent */
    const char *method, *path;         /* MHD's, while the request lives */
    char relay[REQUEST_RELAY_MAX];     /* who brings it */
    char who[REQUEST_WHO_MAX];         /* the token's name, "" */
    unsigned scopes;                   /* of the token */
    char *body;
    size_t body_len, body_room;
    size_t body_claimed, body_seen; /* by Content-Length; so far */
    int64_t began_us;

    struct reader reader; /* taken by request_reader, given back behind `ask` */
    bool reads;

    struct MHD_Response *answer;
    unsigned status;

    char why[ANSWER_WHY_MAX]; /* of a problem */

    /* In a thread of HTTP, behind the writer: may make another answer of it. */
    void (*after)(struct request *r);
    void *own; /* the handler's, between its two halves */
    void (*free_own)(void *own);
};

/* May its relay have so much more? Else the answer (429) is there. */
bool request_may(struct request *r, uint32_t cost);

/* A connection inside a transaction; NULL: there is none, and the answer (503) is there. */
struct reader *request_reader(struct request *r);

/* The body as JSON, or NULL and a problem: the answer is there. */
json_t *request_json(struct request *r);

/* A parameter of the query as a number from `min` to `max`; `usual` if it is not there.
 * False: it is none, and the answer is there. */
bool request_number(struct request *r, const char *name, int64_t min, int64_t max,
                    int64_t usual, int64_t *to);
const char *request_parameter(const struct request *r, const char *name);

/* The route's {no}. False: the answer (404) is there. */
bool request_no(struct request *r, int64_t *no);

#endif
