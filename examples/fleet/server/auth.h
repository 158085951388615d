/* SPDX-License-Identifier: Apache-2.0
 *
 * Who asks: bearer tokens and what they permit. A token that does not hold is a security
 * event. */
#ifndef FERRY_FLEET_AUTH_H
#define FERRY_FLEET_AUTH_H

#include <stdbool.h>

#include "request.h"

/* May this request be made? Else its answer (401, 403) is there. */
void auth_check(struct request *r);

/* A token from elsewhere (a form, a cookie): sets r->who and r->scopes. False: it does not
 * hold, or not for this; `why` says which. */
bool auth_token(struct request *r, const char *token, enum route_scope scope,
                const char **why);

#endif
