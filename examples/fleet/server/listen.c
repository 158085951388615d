/* SPDX-License-Identifier: Apache-2.0
 *
 * Where to listen, and how listening ends. What is not encrypted stays on this machine:
 * tokens and statements cross it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http.h"
#include "http_in.h"

#define CLOSING_MS 10000 /* patience with answers that nobody takes */

/* "127.0.0.1:8470", "[::1]:8470" */
static bool split(const char *text, char *address, size_t cap, unsigned *port)
{
    const char *colon = strrchr(text, ':');
    bool bracket = text[0] == '[';
    char after;

    if (colon == NULL || sscanf(colon + 1, "%5u%c", port, &after) != 1 ||
        *port > 65535 || (bracket && colon[-1] != ']')) {
        return false;
    }
    int len = (int)(colon - text) - (bracket ? 2 : 0);
    return len > 0 && snprintf(address, cap, "%.*s", len, text + bracket) < (int)cap;
}

static bool is_loopback(const struct listen_at *at)
{
    if (at->is_v6) {
        return IN6_IS_ADDR_LOOPBACK(&at->address.v6.sin6_addr);
    }
    return ntohl(at->address.v4.sin_addr.s_addr) >> 24 == 127;
}

bool listen_at_read(const struct settings *set, struct listen_at *at, char *why,
                    size_t cap)
{
    char address[100];
    unsigned port;

    *at = (struct listen_at){0};
    if (!split(set->listen, address, sizeof address, &port)) {
        snprintf(why, cap, "listen = %s: it must be ADDRESS:PORT", set->listen);
        return false;
    }
    if (inet_pton(AF_INET, address, &at->address.v4.sin_addr) == 1) {
        at->address.v4.sin_family = AF_INET;
        at->address.v4.sin_port = htons((uint16_t)port);
    } else if (inet_pton(AF_INET6, address, &at->address.v6.sin6_addr) == 1) {
        at->is_v6 = true;
        at->address.v6.sin6_family = AF_INET6;
        at->address.v6.sin6_port = htons((uint16_t)port);
    } else {
        snprintf(why, cap, "listen = %s: %s is no IP address", set->listen, address);
        return false;
    }
    if (!settings_tls(set) && !is_loopback(at)) {
        snprintf(why, cap,
                 "listen = %s: without tls-cert and tls-key it listens on loopback "
                 "alone, since tokens would cross the network in the clear",
                 set->listen);
        return false;
    }
    return true;
}

void http_where(const struct server *s, char *to, size_t cap)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(s->http, MHD_DAEMON_INFO_BIND_PORT);
    const char *colon = strrchr(s->set.listen, ':');

    snprintf(to, cap, "http%s://%.*s:%u", settings_tls(&s->set) ? "s" : "",
             (int)(colon - s->set.listen), s->set.listen,
             info != NULL ? info->port : 0U);
}

void http_close(struct server *s)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000000L};
    MHD_socket socket = MHD_quiesce_daemon(s->http);

    s->closing = true;
    if (socket != MHD_INVALID_SOCKET) {
        close(socket);
    }
    for (int ms = 0; s->under_way > 0 && ms < CLOSING_MS; ms += 10) {
        nanosleep(&moment, NULL);
    }
}

void http_stop(struct server *s)
{
    MHD_stop_daemon(s->http);
    s->http = NULL;
}
