/* SPDX-License-Identifier: Apache-2.0
 *
 * Phones in a hurry: check-ins that were signed before, sent over many connections at a
 * given rate, or as fast as they are answered. Knows HTTP as far as ferryd speaks it. */
#ifndef FERRY_TEST_FLEET_LOAD_H
#define FERRY_TEST_FLEET_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_CONNECTIONS_MAX 1024U

struct load_options {
    uint32_t first, count; /* devices: one check-in each */
    uint32_t counter;      /* of their statements */
    uint32_t rate;         /* a second; 0: as fast as they are answered */
    uint32_t connections;
    uint32_t revisions; /* device n is of revision n % revisions + 1 */
    uint16_t port;
    uint8_t nonce[16];
    bool again; /* afterwards, send what was accepted again: it must be known */
};

/* False: something is wrong, and has been said. */
bool load_args(struct load_options *o, int argc, char **argv);

struct load_request {
    char *text;
    uint32_t len;
    uint16_t status;         /* of its answer; 0: none came */
    bool is_new, retries;    /* its statement was new; it was told when to come again */
    int64_t due_us, took_us; /* took: from when it was due */
};

/* All of them, once each, but for those whose connection had been idle for too long. Returns
 * how long that took, in microseconds; -1: no connection. */
int64_t load_run(const struct load_options *o, struct load_request *all, uint32_t count,
                 uint32_t rate);

/* One line of JSON. */
void load_tell(const struct load_request *all, uint32_t count, int64_t took_us,
               uint32_t again, uint32_t lost);

#endif
