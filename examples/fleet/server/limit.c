/* SPDX-License-Identifier: Apache-2.0
 *
 * Buckets in a table of sets; of IPv6 an address is its /64, which is what one customer
 * has. */
#include "limit.h"

#include <arpa/inet.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool limit_open(struct limit *l, uint32_t rate, uint32_t burst)
{
    *l = (struct limit){.rate = rate, .burst = burst};
    pthread_mutex_init(&l->lock, NULL);
    randombytes_buf(l->salt, sizeof l->salt);
    l->sets = calloc(LIMIT_SETS, sizeof *l->sets);
    return l->sets != NULL;
}

void limit_close(struct limit *l)
{
    free(l->sets);
    pthread_mutex_destroy(&l->lock);
}

static uint64_t key_of(const struct limit *l, const char *address)
{
    uint8_t bytes[16] = {0}, hash[8];
    uint64_t key;

    if (inet_pton(AF_INET6, address, bytes) == 1) {
        memset(bytes + 8, 0, 8);
    } else if (inet_pton(AF_INET, address, bytes) != 1) {
        memset(bytes, 0xFF, sizeof bytes); /* those without one share one */
    }
    crypto_shorthash(hash, bytes, sizeof bytes, l->salt);
    memcpy(&key, hash, sizeof key);
    return key != 0 ? key : 1;
}

static void refill(const struct limit *l, struct limit_bucket *b, int64_t now_us)
{
    b->left += (double)(now_us - b->at_us) * l->rate / 1e6;
    b->left = fmin(b->left, l->burst);
    b->at_us = now_us;
}

static struct limit_bucket *bucket_of(struct limit *l, uint64_t key, int64_t now_us)
{
    struct limit_bucket *set = l->sets[key % LIMIT_SETS], *fullest = &set[0];

    for (unsigned i = 0; i < LIMIT_WAYS; i++) {
        if (set[i].key == key) {
            refill(l, &set[i], now_us);
            return &set[i];
        }
        if (set[i].key != 0) {
            refill(l, &set[i], now_us);
        }
        if (fullest->key != 0 && (set[i].key == 0 || set[i].left > fullest->left)) {
            fullest = &set[i];
        }
    }
    *fullest = (struct limit_bucket){key, l->burst, now_us};
    return fullest;
}

uint32_t limit_take(struct limit *l, const char *address, uint32_t cost, int64_t now_us)
{
    uint32_t wait_s = 0;

    if (l->rate == 0) {
        return 0;
    }
    pthread_mutex_lock(&l->lock);
    struct limit_bucket *b = bucket_of(l, key_of(l, address), now_us);
    double short_of = fmin(cost, l->burst) - b->left;
    if (short_of <= 0) {
        b->left -= cost;
    } else {
        wait_s = (uint32_t)ceil(short_of / l->rate);
    }
    pthread_mutex_unlock(&l->lock);
    return wait_s;
}
