/* SPDX-License-Identifier: Apache-2.0
 *
 * Which requests there are: methods, paths, who may, how long a body may be, and who
 * answers. openapi.json describes the same ones. */
#ifndef FERRY_FLEET_ROUTE_H
#define FERRY_FLEET_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#define ROUTE_ARGUMENT_MAX 72U
#define ROUTE_BODY_MAX (256U * 1024U)

struct request;

/* Who may: tokens' scopes are bits (model/tokens.h). */
enum route_scope {
    ROUTE_OPEN,  /* anybody, as often as they like: it costs nothing */
    ROUTE_PHONE, /* anybody, at a relay's rate, like those below; the page, too */
    ROUTE_READ,
    ROUTE_OPERATE,
    ROUTE_ADMIN,
    ROUTE_DEMO /* anybody, with --demo alone */
};

struct route {
    const char *method, *path; /* {no}: a number, {sha256} and {id}: hexadecimal */
    enum route_scope scope;
    size_t body_max; /* 0: it has none */
    /* In a thread of HTTP. Answers, or sets job.apply for the writer. */
    void (*ask)(struct request *r);
};

extern const struct route route_table[];
extern const size_t route_count;

/* NULL: there is none; *allowed lists the methods of this path then, "" if it is unknown.
 * A HEAD is a GET. */
const struct route *route_find(const char *method, const char *path,
                               char argument[ROUTE_ARGUMENT_MAX], char *allowed,
                               size_t cap);

#endif
