/* SPDX-License-Identifier: Apache-2.0
 *
 * Queue and thread. While one group is being written the next one gathers, so groups are
 * as large as the disk is slow, and a lone job waits for nobody. */
#include "writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hours.h"
#include "say.h"
#include "server.h"

#define GROUP_MAX 512U
#define LOOK_MS 200 /* how long nothing happens before the clock is looked at */

struct writer {
    struct server *server;
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct job *first, **last;
    uint32_t room, waiting;
    bool closing;
    struct writer_state state; /* under the lock */
    struct hours hours;
};

/* ---- the queue ------------------------------------------------------------------- */

bool writer_post(struct writer *w, struct job *j)
{
    pthread_mutex_lock(&w->lock);
    bool taken = !w->closing && w->waiting < w->room;
    if (taken) {
        j->next = NULL;
        *w->last = j;
        w->last = &j->next;
        w->waiting++;
        pthread_cond_signal(&w->some);
    }
    pthread_mutex_unlock(&w->lock);
    return taken;
}

static void wait_for_some(struct writer *w)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (w->first == NULL && !w->closing) {
        if (pthread_cond_timedwait(&w->some, &w->lock, &until) == ETIMEDOUT) {
            return;
        }
    }
}

/* The oldest ones, as a list; NULL: none came for a while. */
static struct job *next_group(struct writer *w, bool *over)
{
    pthread_mutex_lock(&w->lock);
    wait_for_some(w);
    struct job *group = w->first;
    struct job **end = &w->first;
    for (unsigned n = 0; n < GROUP_MAX && *end != NULL; n++) {
        end = &(*end)->next;
        w->waiting--;
    }
    w->first = *end;
    *end = NULL;
    if (w->first == NULL) {
        w->last = &w->first;
    }
    *over = w->closing && group == NULL;
    pthread_mutex_unlock(&w->lock);
    return group;
}

/* ---- a group --------------------------------------------------------------------- */

static void apply(struct job *j, struct db *db, int64_t now)
{
    j->why[0] = '\0';
    j->kept = db_save(db) && j->apply(j, db, now) && db_keep(db);
    if (!j->kept) {
        if (db_failed(db)) {
            snprintf(j->why, sizeof j->why, "%s", db_why(db));
        }
        db_take_back(db);
    }
}

static bool commit_group(struct writer *w, struct job *group)
{
    struct server *s = w->server;
    int64_t now = fleet_clock_now(&s->clock);

    if (!db_begin(w->db)) {
        return false;
    }
    sightings_write(&s->sightings, w->db, now, real_us(), w->closing);
    for (struct job *j = group; j != NULL; j = j->next) {
        apply(j, w->db, now);
    }
    return db_commit(w->db);
}

/* Tells them all; `group` is not ours behind this. */
static void end_group(struct job *group, bool committed, const char *why)
{
    while (group != NULL) {
        struct job *j = group;
        group = j->next;
        j->end(j,
               !committed ? JOB_LOST
               : j->kept  ? JOB_DONE
                          : JOB_TAKEN_BACK,
               committed ? j->why : why);
    }
}

static void note(struct writer *w, bool healthy, const struct job *group)
{
    pthread_mutex_lock(&w->lock);
    w->state.healthy = healthy;
    w->state.groups += healthy && group != NULL;
    for (const struct job *j = group; j != NULL && healthy; j = j->next) {
        w->state.jobs++;
    }
    w->state.ticked = w->hours.ticked;
    w->state.ticks = w->hours.ticks;
    w->state.tick_us = w->hours.last_us;
    pthread_mutex_unlock(&w->lock);
}

static void write_group(struct writer *w, struct job *group)
{
    char why[DB_WHY_MAX] = "";
    bool done =
        hours_pass(&w->hours, w->db, &w->server->clock) && commit_group(w, group);

    if (!done) {
        snprintf(why, sizeof why, "%s", db_why(w->db));
    }
    if (!done) {
        say("error", "nothing could be stored: %s", why);
        db_rollback(w->db);
    }
    note(w, done, group);
    end_group(group, done, why);
}

static void *run(void *ctx)
{
    struct writer *w = ctx;
    struct server *s = w->server;
    bool over = false;

    while (!over) {
        struct job *group = next_group(w, &over);
        if (group != NULL || sightings_due(&s->sightings, real_us(), over) ||
            hours_due(&w->hours, &s->clock)) {
            write_group(w, group);
        }
    }
    return NULL;
}

/* ---- life ------------------------------------------------------------------------ */

struct writer *writer_start(struct server *s, struct db *db, uint32_t queue, char *why,
                            size_t cap)
{
    struct writer *w = calloc(1, sizeof *w);

    if (w == NULL) {
        snprintf(why, cap, "no memory");
        return NULL;
    }
    w->server = s;
    w->db = db;
    w->room = queue;
    w->last = &w->first;
    w->state.healthy = true;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->some, NULL);
    hours_open(&w->hours, db, &s->clock);
    if (db_failed(db) || pthread_create(&w->thread, NULL, run, w) != 0) {
        snprintf(why, cap, "%s",
                 db_failed(db) ? db_why(db) : "no thread for the writer");
        free(w);
        return NULL;
    }
    return w;
}

void writer_stop(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_signal(&w->some);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    db_close(w->db);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->some);
    free(w);
}

void writer_state(struct writer *w, struct writer_state *to)
{
    pthread_mutex_lock(&w->lock);
    *to = w->state;
    to->waiting = w->waiting;
    to->room = w->room;
    pthread_mutex_unlock(&w->lock);
}
