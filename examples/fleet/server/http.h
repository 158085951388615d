/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP: listening, requests' bodies, waiting for the writer, answers. Knows
 * libmicrohttpd; not what is asked. */
#ifndef FERRY_FLEET_HTTP_H
#define FERRY_FLEET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct server;

/* False: `why` says why. */
bool http_start(struct server *s, char *why, size_t cap);

/* "http://127.0.0.1:8470" */
void http_where(const struct server *s, char *to, size_t cap);

/* No new connections, no new requests; those under way are finished, for a while. */
void http_close(struct server *s);
void http_stop(struct server *s);

#endif
