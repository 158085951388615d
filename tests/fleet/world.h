/* SPDX-License-Identifier: Apache-2.0
 *
 * A fleet in one process: devices with keys that sign their statements, phones that bring
 * them, an operator, a clock, and a database that events go into as they would in the
 * server. Knows how to make all that; what must come of it is for the tests to say. Whoever
 * includes it has cmocka. */
#ifndef FERRY_TEST_FLEET_WORLD_H
#define FERRY_TEST_FLEET_WORLD_H

#include "checkin.h"
#include "rollout_json.h"
#include "tell.h"
#include "unit.h"

#define APP "3.1.0"
#define V(major, minor, patch) ((uint32_t)(major) << 24 | (minor) << 16 | (patch))

/* Further members of drafts. */
#define ALL_OF_IT ", \"urgent\": true, \"stages\": [{\"percent\": 100}]"
#define HALVES ", \"stages\": [{\"percent\": 50, \"held_back\": 50}]"

/* A device; what it says may be altered before it speaks. */
struct world_unit {
    int64_t no;
    struct unit is;
    struct ferry_statement says;          /* its strings are filled in when it speaks */
    uint32_t refused[FERRY_REFUSALS_LEN]; /* counts of E_CLASS (-40) and on */
    uint8_t odd; /* xored into the digest of what it runs: code of nobody's */
    bool dead;
};

struct world {
    struct base base;
    struct db *db;
    int64_t now; /* seconds */
    uint8_t secret[NONCE_SECRET_LEN];
    bool together; /* one transaction for many events */
    struct world_unit *unit;
    unsigned len;
};

/* n devices of four revisions that run 1.0.0; that and 2.0.0 are published. */
struct world *world_of(unsigned n);
void world_free(struct world *w);
/* The same, as cmocka calls it. */
int world_take_down(void **state);

int32_t world_hour(const struct world *w);

/* n more, of revisions 1 to `revisions` in turn, in regions 0 to 2; all run 1.0.0.
 * `household`: so many have one home, 0: nobody is known to share one. */
void world_devices(struct world *w, unsigned n, unsigned revisions, unsigned household);

/* Publishes a release for revisions 1 to 99, one artifact for each of two banks. */
void world_release(struct world *w, const char *version, const char *min_from,
                   bool pass);
/* What devices name it by. */
void world_digest(uint32_t version, uint8_t digest[32]);

/* A draft of this version; `more`: further members, as in ", \"urgent\": true". */
int64_t world_draft(struct world *w, const char *version, const char *more);
/* The same, opened. */
int64_t world_rollout(struct world *w, const char *version, const char *more);

/* An act upon it, forced if its name ends with '!': the status, reason in `why`. */
unsigned world_act(struct world *w, int64_t no, const char *act, char why[240]);
void world_must(struct world *w, int64_t no, const char *act);

/* An event at the world's time; its answer is dropped. */
struct outcome world_tell(struct world *w, enum event_kind kind, const char *actor,
                          int64_t device, const void *body, size_t len);

/* The unit's next statement, over the nonce of `hour` (-1: none). Returns its length. */
size_t world_speak(struct world *w, struct world_unit *u, int32_t hour,
                   uint8_t envelope[FERRY_ENVELOPE_MAX]);
/* A phone brings it: "new", "known", "late", or the name of what is wrong with it. */
const char *world_bring(struct world *w, const uint8_t *envelope, size_t len);

/* It speaks over this hour's nonce, and its phone brings that at once. Without the
 * signature's being checked again: for crowds. */
void world_hear(struct world *w, struct world_unit *u);
/* All that are not dead, in one transaction. */
void world_everybody(struct world *w);
/* Events are committed together, from here to the end. */
void world_begin(struct world *w);
void world_end(struct world *w);

/* "offer 2.0.0", "none", "hold". */
const char *world_decision(struct world *w, const struct world_unit *u);

/* An hour passes, and is looked at: true if something was frozen in it. */
bool world_tick(struct world *w);
/* The event of a look at this hour alone: its status. */
unsigned world_look(struct world *w, int32_t hour);

/* How many security events of this kind there are. */
int64_t world_seen(struct world *w, enum security_kind kind);

/* Rows of one rollout: COUNT(w, "exposures WHERE quit < 0", no). */
#define COUNT(w, what, rollout)                                                        \
    world_number(w, "SELECT COUNT(*) FROM " what " AND rollout = ?", rollout)
/* Devices that it offered its release to, that it held back, that have its offer. */
int64_t world_treated(struct world *w, int64_t rollout);
int64_t world_held_back(struct world *w, int64_t rollout);
int64_t world_offers(struct world *w, int64_t rollout);

/* The one number that this query gives. It is for one row of devices or rollouts. */
int64_t world_number(struct world *w, const char *sql, int64_t a);

#endif
