/* SPDX-License-Identifier: Apache-2.0
 *
 * A rollout as operators write it, and as `rollouts.body` keeps it:
 *
 *   {"class": hex, "version": "2.1.0",
 *    "predicate": {"hw_rev": [1, 4], "version": ["1.0.0", "2.0.9"], "regions": [1, 7],
 *                  "tags_all": [0], "tags_none": [3]},
 *    "stages": [{"percent": 2, "held_back": 10, "dwell_h": 120, "smallest_loss": 0.1}],
 *    "urgent": false, "supersedes": 0, "aim": "exposed", "alpha": 0.01, "salt": hex}
 *
 * Everything but class and version may be missing: whom the release is for, the usual
 * ladder, alpha 1 %; a stage's held_back is then five-fold, or what is left. "supersedes":
 * the rollout it takes the place of, whose salt it keeps; without one the server draws
 * the salt. "aim": "exposed" offers it to the units alone that the superseded one had
 * treated, of the facets that it was frozen for: rolling back is this, with the old code
 * under a higher number. */
#ifndef FERRY_FLEET_ROLLOUT_JSON_H
#define FERRY_FLEET_ROLLOUT_JSON_H

#include "../health/health.h"
#include "../rollout/rollout.h"
#include "event.h"
#include "figures.h"

struct rollout_plan {
    uint8_t class_id[16];
    uint32_t version;
    struct cohort_predicate predicate;
    struct rollout ladder; /* stages, urgent; state and place come from the row */
    int64_t supersedes;
    bool aim_exposed;
    double alpha;
    uint8_t salt[COHORT_SALT_LEN];
};

/* False: `o`, which says nothing yet, names what is wrong, by its JSON pointer. Unknown names are wrong, too. */
bool rollout_plan_read(const json_t *json, struct rollout_plan *p, struct outcome *o);
/* All of it, with what was left out filled in. */
json_t *rollout_plan_write(const struct rollout_plan *p);

/* One of the database's, with its plan. False: there is none such. */
struct rollout_row {
    int64_t no;
    struct rollout_plan plan; /* ladder has its state, stage and hour, too */
    int32_t opened, ticked;
};
bool rollout_load(struct db *db, int64_t no, struct rollout_row *r);

/* What its stage waits for, as the act of advancing will see it. */
struct rollout_wait {
    enum rollout_gate gate;
    unsigned facets, waits_for; /* hardware revisions; waits_for == facets: none */
    uint32_t needed;            /* treated units of each, aged */
    double p, alpha;            /* what that was reckoned with (rollout.h) */
    struct {
        unsigned value; /* of the facet HEALTH_HW_REV in this rollout */
        char name[24];
        uint32_t treated; /* units in all; rollout_evidence has those aged */
    } of[HEALTH_VALUES_MAX];
    struct rollout_evidence evidence[HEALTH_VALUES_MAX];
};
bool rollout_waits(struct db *db, const struct rollout_row *r, int32_t now_h,
                   struct rollout_wait *w);
/* The same by what was counted of its units already, now or at its last look. */
bool rollout_waits_by(struct db *db, const struct rollout_row *r, int32_t now_h,
                      const struct figures *f, struct rollout_wait *w);

/* For "salt": of a new lineage, drawn. */
json_t *rollout_salt(void);

/* The body of the rollout that rolls this one back to `version`, a release that is
 * published: all at once, to those that this one treated of the facets it was frozen for.
 * NULL: `o` says why not. */
json_t *rollout_back(struct db *db, int64_t no, uint32_t version, struct outcome *o);

#endif
