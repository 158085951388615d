/* SPDX-License-Identifier: Apache-2.0
 *
 * The one thread that changes the fleet. Jobs wait in a bounded queue; as many as wait
 * are done in one transaction, each in a part of its own that is taken back alone if it
 * fails, and are told the end only when all of it is on the disk. Hours that have passed
 * are looked at before anything else is done. */
#ifndef FERRY_FLEET_WRITER_H
#define FERRY_FLEET_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "../db/db.h"

struct server;
struct writer;

enum job_end {
    JOB_DONE,       /* on the disk */
    JOB_TAKEN_BACK, /* by itself, or it broke: job->broke says which */
    JOB_LOST        /* the transaction as a whole failed; nothing of it is there */
};

struct job {
    /* In the writer's thread, inside its transaction, at fleet time `now`. False: what
     * was done is to be taken back. */
    bool (*apply)(struct job *j, struct db *db, int64_t now);
    /* In the writer's thread, after the commit. The job is its owner's again. */
    void (*end)(struct job *j, enum job_end how, const char *why);
    struct job *next;
    bool kept;
    char why[160];
};

/* NULL: `why` says why. `db` is a writer, and becomes this one's. */
struct writer *writer_start(struct server *s, struct db *db, uint32_t queue, char *why,
                            size_t cap);

/* False: the queue is full, or it is closing. */
bool writer_post(struct writer *w, struct job *j);

/* Does what was accepted, then stops. */
void writer_stop(struct writer *w);

struct writer_state {
    uint32_t waiting, room;
    bool healthy;                         /* the last transaction was committed */
    int32_t ticked;                       /* hour */
    int64_t groups, jobs, ticks, tick_us; /* so far; of the last tick */
};
void writer_state(struct writer *w, struct writer_state *to);

#endif
