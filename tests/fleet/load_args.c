/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of the load. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static bool number(const char *text, uint32_t min, uint32_t max, uint32_t *to)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || n < min || n > max) {
        fprintf(stderr, "fleet-load: '%s' is not from %u to %u\n", text, (unsigned)min,
                (unsigned)max);
        return false;
    }
    *to = (uint32_t)n;
    return true;
}

static bool nonce(const char *text, uint8_t to[16])
{
    size_t len = 0;

    return sodium_hex2bin(to, 16, text, strlen(text), NULL, &len, NULL) == 0 &&
           len == 16;
}

static bool take(struct load_options *o, const char *name, const char *value)
{
    uint32_t port = 0;

    if (strcmp(name, "--port") == 0) {
        bool good = number(value, 1, 65535, &port);
        o->port = (uint16_t)port;
        return good;
    }
    if (strcmp(name, "--nonce") == 0) {
        return nonce(value, o->nonce);
    }
    return strcmp(name, "--first") == 0     ? number(value, 0, UINT32_MAX, &o->first)
           : strcmp(name, "--count") == 0   ? number(value, 1, 10000000, &o->count)
           : strcmp(name, "--counter") == 0 ? number(value, 1, UINT32_MAX, &o->counter)
           : strcmp(name, "--rate") == 0    ? number(value, 0, 1000000, &o->rate)
           : strcmp(name, "--connections") == 0
               ? number(value, 1, LOAD_CONNECTIONS_MAX, &o->connections)
           : strcmp(name, "--revisions") == 0 ? number(value, 1, 100, &o->revisions)
                                              : false;
}

bool load_args(struct load_options *o, int argc, char **argv)
{
    *o = (struct load_options){
        .count = 1000, .counter = 1, .connections = 64, .revisions = 4};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--again") == 0) {
            o->again = true;
            continue;
        }
        if (i + 1 == argc || !take(o, argv[i], argv[i + 1])) {
            fprintf(stderr, "fleet-load: %s: it wants a value, or is no option\n",
                    argv[i]);
            return false;
        }
        i++;
    }
    return o->port != 0;
}
