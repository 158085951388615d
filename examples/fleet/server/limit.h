/* SPDX-License-Identifier: Apache-2.0
 *
 * How often one address may ask: a token bucket each. Knows addresses as text and a clock
 * that it is given; keeps a fixed number of buckets, and forgets the fullest first, whose
 * owner loses nothing by it. */
#ifndef FERRY_FLEET_LIMIT_H
#define FERRY_FLEET_LIMIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define LIMIT_SETS 4096U
#define LIMIT_WAYS 4U

struct limit_bucket {
    uint64_t key; /* hash of the address; 0: free */
    double left;
    int64_t at_us;
};

struct limit {
    pthread_mutex_t lock;
    double rate, burst; /* rate 0: no limit */
    uint8_t salt[16];   /* so that nobody can choose whose bucket they share */
    struct limit_bucket (*sets)[LIMIT_WAYS];
};

/* False: no memory. */
bool limit_open(struct limit *l, uint32_t rate, uint32_t burst);
void limit_close(struct limit *l);

/* 0: it may; `cost` is taken. Else in how many seconds it may. */
uint32_t limit_take(struct limit *l, const char *address, uint32_t cost,
                    int64_t now_us);

#endif
