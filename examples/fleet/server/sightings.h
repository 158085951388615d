/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server itself saw that is no device's word: forged statements, strangers, bad
 * tokens. Anybody can cause these, so they are counted: the first of its kind is written
 * at once, what follows in the next minute as one event with its number. */
#ifndef FERRY_FLEET_SIGHTINGS_H
#define FERRY_FLEET_SIGHTINGS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../db/db.h"
#include "../model/security.h"

#define SIGHTINGS_MAX 128U
#define SIGHTINGS_PAUSE_US (60 * 1000000LL)

struct sighting {
    enum security_kind kind; /* SECURITY_NOTHING: free */
    int64_t device, times;   /* times: not written yet */
    uint8_t claimed[16];
    char relay[46];
    int64_t written_us; /* 0: never */
};

struct sightings {
    pthread_mutex_t lock;
    struct sighting seen[SIGHTINGS_MAX];
};

void sightings_open(struct sightings *s);
void sightings_close(struct sightings *s);

/* From any thread. `claimed` may be NULL. */
void sightings_note(struct sightings *s, enum security_kind kind, int64_t device,
                    const uint8_t claimed[16], const char *relay);

/* Is there anything to write? */
bool sightings_due(struct sightings *s, int64_t now_us, bool all);

/* In the writer's transaction: events for what is due, or all. If that fails they are
 * lost: who causes them gives more. */
void sightings_write(struct sightings *s, struct db *db, int64_t now, int64_t now_us,
                     bool all);

#endif
