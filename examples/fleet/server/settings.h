/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server is told by its command line and its configuration file. Knows names,
 * ranges and defaults; not what is done with them. */
#ifndef FERRY_FLEET_SETTINGS_H
#define FERRY_FLEET_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

enum settings_log { LOG_EVENTS, LOG_REQUESTS };

struct settings {
    char listen[128]; /* ADDRESS:PORT, [ADDRESS]:PORT; port 0: the kernel's choice */
    char db[1024], store[1024]; /* "": a demonstration makes its own */
    char tls_cert[PATH_MAX], tls_key[PATH_MAX];
    uint32_t hour_s;  /* real seconds of a fleet hour; 0: it is moved by hand alone */
    bool demo;        /* a store of its own, and a clock that may be moved */
    bool forwarded;   /* a proxy stands before it: X-Forwarded-For tells the relay */
    uint32_t threads; /* that talk HTTP */
    uint32_t queue;   /* jobs that may wait for the writer */
    uint32_t relay_rate, relay_burst; /* statements a second of one address; 0: all */
    enum settings_log log;
};

/* How its store is opened: AWS_ENDPOINT_URL and AWS_CA_BUNDLE say where and whom to trust,
 * where they are set, and AWS_ACCESS_KEY_ID and its like are read behind that. */
struct store *settings_store(const char *where, unsigned timeout_s, unsigned attempts,
                             char *why, size_t cap);

/* Does it talk TLS itself? */
bool settings_tls(const struct settings *s);

/* The usual ones, then a file's if --config names one, then the flags. Returns -1 to go
 * on, or an exit code: 0 after --help, 2 if something was wrong and has been said. */
int settings_read(struct settings *s, int argc, char **argv);

#endif
