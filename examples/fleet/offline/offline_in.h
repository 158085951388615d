/* SPDX-License-Identifier: Apache-2.0
 *
 * What the offline verbs share: their command lines, opening a database, one event in a
 * transaction of its own, and how far a long one has come. */
#ifndef FERRY_FLEET_OFFLINE_IN_H
#define FERRY_FLEET_OFFLINE_IN_H

#include "../model/event.h"
#include "../server/settings.h"

#define OFFLINE_DONE 0
#define OFFLINE_FAILED 1
#define OFFLINE_MISUSED 2
#define OFFLINE_OPERANDS_MAX 3U
#define OFFLINE_ACTOR_MAX 72U

struct offline_option {
    const char *name;  /* "--into" */
    bool takes;        /* a value */
    const char *value; /* as given; "" of one that takes none; NULL: not given */
};

struct offline {
    const char *usage;              /* all of --help */
    struct offline_option *options; /* beside --db, --store and --config; up to `len` */
    unsigned len;
    const char *operand[OFFLINE_OPERANDS_MAX];
    unsigned operands;
    struct settings set;
};

/* -1 to go on, or an exit code. */
int offline_read(struct offline *x, int argc, char **argv);
/* The line that says what was wrong, and where help is: OFFLINE_MISUSED. */
int offline_misused(const struct offline *x, const char *why);
/* One line on stderr: OFFLINE_FAILED. */
int offline_failed(const char *text, ...) __attribute__((format(printf, 1, 2)));

/* With its tables. NULL: why was said. */
struct db *offline_open(const char *where, enum db_role role);

/* When an event of now happens: never before the newest one, whose clock may be a faster
 * one than the wall's. And who did it: whoever runs this program. */
int64_t offline_now(struct db *db);
void offline_actor(char actor[OFFLINE_ACTOR_MAX]);

/* In a transaction of its own. False: why was said. */
bool offline_event(struct db *db, enum event_kind kind, const void *body, size_t len,
                   struct outcome *o);

/* A line on stderr, drawn anew on a terminal: how many, and how long it will take yet. */
struct progress {
    const char *what;
    int64_t total, begun_ms, drawn_ms;
    bool terminal;
};
void progress_begin(struct progress *p, const char *what, int64_t total);
void progress_at(struct progress *p, int64_t done);
void progress_end(struct progress *p);

#endif
