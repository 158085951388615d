/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that changes the fleet is an event: it is written to the log and applied, in
 * one transaction. Whatever is decided follows from the events before it, so the same log
 * played into another database makes the same decisions. Knows the kinds and what is in
 * them; each kind's file says what it does. */
#ifndef FERRY_FLEET_EVENT_H
#define FERRY_FLEET_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../db/db.h"

/* Numbers are in the database: never reused. */
enum event_kind {
    EVENT_DEVICES = 1,  /* factory CSV, up to 10,000 lines: body is its text */
    EVENT_RELEASE = 2,  /* a release of the store, as its JSON; "pass": bool */
    EVENT_WITHDRAW = 3, /* {"class", "version", "reason"} */
    EVENT_ROLLOUT = 4, /* a new one, a draft: model/rollout_json.h; its salt is in it */
    EVENT_ACT = 5,     /* {"rollout", "act", "reason"}: open, advance, freeze, resume,
                           cancel, finish; "force": true advances past an unmet gate */
    EVENT_WAIVE = 6,   /* {"rollout", "hw_rev", "reason"} */
    EVENT_STATEMENT = 7, /* verified: body is the envelope's bytes, actor the phone
                            application's version; `device` is who signed it */
    EVENT_REPORT = 8,    /* a transfer report, a phone's words */
    EVENT_SECURITY = 9,  /* what the server saw: forged, unknown, malformed ... */
    EVENT_TICK = 10,     /* {"hour"}: fleet health of every rollout that is watched */
    EVENT_TOKEN = 11     /* {"name", "scopes", "revoked"}: for the record; no secret */
};

struct event {
    enum event_kind kind;
    int64_t at;        /* seconds of fleet time */
    const char *actor; /* a token's name, "ferryd", or of statements see above */
    const char *relay; /* address of whom it came from, or ""; not in the log for
                          statements: who carries whose is nobody's business */
    int64_t device;    /* number of the device it is about, 0 none */
    const void *body;
    size_t len;
};

/* How it went: HTTP's numbers, since all callers speak that; `why` is for people. */
struct outcome {
    unsigned status; /* 200, 201; 400 unreadable, 404, 409 not now, 422 not so */
    char why[240];   /* "" if it was done: names what, where and why not */
    char where[80];  /* JSON pointer or line of what is wrong, "" if none */
    json_t *answer;  /* the caller's reference, or NULL */
};

/* Written to the log and applied. Call inside a writer's transaction; other than 2xx
 * changed nothing. With a failed database: 500. */
void event_apply(struct db *db, const struct event *e, struct outcome *o);

/* Each kind's own part: it checks first, changes then. Called by event_apply, behind the
 * log's row `seq`, within a part of the transaction that is taken back if the status is
 * not 2xx. A device that the event is about has its row of `states` by then (`heard_at` 0
 * and `seen` -1 before its first statement), and its `newest` is `seq`. A statement's
 * relay is "" there. */
typedef void event_part(struct db *db, const struct event *e, int64_t seq,
                        struct outcome *o);
event_part devices_apply, release_apply, withdraw_apply, rollout_apply, act_apply,
    waive_apply, statement_apply, report_apply, security_apply, tick_apply, token_apply;

/* o->status, why and where, printf's way. */
void outcome_say(struct outcome *o, unsigned status, const char *where, const char *why,
                 ...) __attribute__((format(printf, 4, 5)));

/* ---- the log (replay.c; log.h has its rows) -------------------------------------- */

#define LOG_HASH_LEN 32U

/* Is every hash right, and no row missing? `head` is the newest row's hash: whoever wrote
 * it down elsewhere sees by it whether anybody has written the whole log anew. */
bool log_check(struct db *db, int64_t *rows, uint8_t head[LOG_HASH_LEN], char *why,
               size_t cap);

/* Plays every event of `from` into the empty `into`, in transactions of its own. False:
 * `why` says which event went otherwise, or that the chain of hashes is broken and where.
 * `progress` hears of each event, or is NULL. */
typedef void log_progress(void *ctx, int64_t seq);
bool log_replay(struct db *from, struct db *into, log_progress *progress, void *ctx,
                char *why, size_t cap);

#endif
