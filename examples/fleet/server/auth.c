/* SPDX-License-Identifier: Apache-2.0
 *
 * "Authorization: Bearer TOKEN", held against the tokens' table for each request: a token
 * that is revoked does not hold from that moment on. */
#include "auth.h"

#include <stdio.h>
#include <string.h>

#include "../model/tokens.h"

#define SCHEME "Bearer "
#define GUESS_COSTS 10U /* requests: so that guessing is slow */

static unsigned bit_of(enum route_scope scope)
{
    switch (scope) {
    case ROUTE_READ:
        return TOKEN_READ;
    case ROUTE_OPERATE:
        return TOKEN_OPERATE;
    case ROUTE_ADMIN:
        return TOKEN_ADMIN;
    case ROUTE_OPEN:
    case ROUTE_PHONE:
    case ROUTE_DEMO:
        break;
    }
    return 0;
}

static const char *const scope_names[] = {
    [ROUTE_READ] = "read", [ROUTE_OPERATE] = "operate", [ROUTE_ADMIN] = "admin"};

/* Whoever guesses has to wait: then the answer (429) is there. */
static const char *refuse(struct request *r)
{
    sightings_note(&r->server->sightings, SECURITY_BAD_TOKEN, 0, NULL, r->relay);
    request_may(r, GUESS_COSTS);
    return "this token does not hold";
}

bool auth_token(struct request *r, const char *token, enum route_scope scope,
                const char **why)
{
    struct token_holder who;
    struct reader *reader = request_reader(r);

    *why = "nobody can be asked whose token this is";
    if (reader == NULL) {
        return false;
    }
    if (!token_check(reader->db, token, &who)) {
        *why = refuse(r);
        return false;
    }
    snprintf(r->who, sizeof r->who, "%s", who.name);
    *why = "this token is not for that";
    return (who.scopes & bit_of(scope)) != 0;
}

void auth_check(struct request *r)
{
    enum route_scope scope = r->route->scope;
    const char *header = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND,
                                                     MHD_HTTP_HEADER_AUTHORIZATION);
    const char *why;

    if (bit_of(scope) == 0) {
        return;
    }
    if (header == NULL || strncasecmp(header, SCHEME, strlen(SCHEME)) != 0) {
        answer_problem(r, 401, NULL, "this wants a bearer token with the scope %s",
                       scope_names[scope]);
        return;
    }
    if (auth_token(r, header + strlen(SCHEME), scope, &why) || r->answer != NULL) {
        return;
    }
    if (r->who[0] == '\0') {
        answer_problem(r, 401, NULL, "%s", why);
    } else {
        answer_problem(r, 403, NULL, "the token of %s has not the scope %s", r->who,
                       scope_names[scope]);
    }
}
