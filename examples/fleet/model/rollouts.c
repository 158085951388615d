/* SPDX-License-Identifier: Apache-2.0
 *
 * Rollouts as rows, and how a new one is made. Knows the table's columns, and what must be
 * there before a rollout can be: its release, and the one it takes the place of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exposure_in.h"
#include "release_row.h"
#include "rollouts.h"
#include "text.h"

/* ---- rows ------------------------------------------------------------------------ */

static void get_bytes(const struct db_query *q, unsigned column, uint8_t to[16])
{
    size_t len;
    const uint8_t *bytes = db_get_blob(q, column, &len);

    if (bytes != NULL && len == 16) {
        memcpy(to, bytes, len);
    }
}

static bool get_plan(const struct db_query *q, unsigned column, struct rollout_plan *p)
{
    struct outcome ignored = {0};
    json_t *body = json_loads(db_get_text(q, column), 0, NULL);
    bool good = rollout_plan_read(body, p, &ignored);

    json_decref(body);
    return good;
}

bool rollout_load(struct db *db, int64_t no, struct rollout_row *r)
{
    struct db_query *q = db_ask(db, "SELECT body, state, stage, since, opened, ticked,"
                                    " salt FROM rollouts WHERE no = ?");

    memset(r, 0, sizeof *r);
    db_int(q, 0, no);
    bool found = db_next(q) && get_plan(q, 0, &r->plan);
    if (found) {
        r->no = no;
        r->plan.ladder.state = (enum rollout_state)db_get_int(q, 1);
        r->plan.ladder.at = (unsigned)db_get_int(q, 2);
        r->plan.ladder.since = (int32_t)db_get_int(q, 3);
        r->opened = (int32_t)db_get_int(q, 4);
        r->ticked = (int32_t)db_get_int(q, 5);
        get_bytes(q, 6, r->plan.salt);
    }
    db_done(q);
    return found;
}

static int64_t next_number(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT no FROM rollouts ORDER BY no DESC LIMIT 1");
    int64_t no = db_next(q) ? db_get_int(q, 0) + 1 : 1;

    db_done(q);
    return no;
}

static void insert(struct db *db, int64_t no, const struct rollout_plan *p)
{
    json_t *body = rollout_plan_write(p);
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    struct db_query *q = db_ask(
        db,
        "INSERT INTO rollouts (no, class, version, state, stage, since, opened,"
        " salt, supersedes, body, ticked) VALUES (?, ?, ?, ?, 0, 0, 0, ?, ?, ?, 0)");

    db_int(q, 0, no);
    db_blob(q, 1, p->class_id, sizeof p->class_id);
    db_int(q, 2, p->version);
    db_int(q, 3, ROLLOUT_DRAFT);
    db_blob(q, 4, p->salt, sizeof p->salt);
    db_int(q, 5, p->supersedes);
    db_text(q, 6, text);
    db_do(q);
    free(text);
    json_decref(body);
}

void rollout_save_place(struct db *db, const struct rollout_row *r)
{
    struct db_query *q = db_ask(db, "UPDATE rollouts SET state = ?, stage = ?,"
                                    " since = ?, opened = ? WHERE no = ?");

    db_int(q, 0, r->plan.ladder.state);
    db_int(q, 1, r->plan.ladder.at);
    db_int(q, 2, r->plan.ladder.since);
    db_int(q, 3, r->opened);
    db_int(q, 4, r->no);
    db_do(q);
}

void rollout_save_frozen(struct db *db, int64_t no, json_t *why)
{
    char *text = json_dumps(why, JSON_COMPACT | JSON_SORT_KEYS);
    struct db_query *q = db_ask(db, "UPDATE rollouts SET frozen = ? WHERE no = ?");

    db_text(q, 0, text);
    db_int(q, 1, no);
    db_do(q);
    free(text);
    json_decref(why);
}

void rollout_save_health(struct db *db, int64_t no, const struct health *h)
{
    uint8_t bytes[KEPT_LEN];
    struct db_query *q = db_ask(db, "UPDATE rollouts SET health = ? WHERE no = ?");

    kept_write(h, bytes);
    db_blob(q, 0, bytes, sizeof bytes);
    db_int(q, 1, no);
    db_do(q);
}

bool rollout_read(struct db *db, const struct body *b, struct rollout_row *r)
{
    int64_t no = body_number(b, "rollout", 0, INT32_MAX);

    if (body_good(b) && !rollout_load(db, no, r)) {
        outcome_say(b->o, 404, "", "there is no rollout %lld", (long long)no);
    }
    return body_good(b);
}

bool rollout_freeze(struct db *db, struct rollout_row *r, int32_t now_h, json_t *why)
{
    if (!rollout_do(&r->plan.ladder, ROLLOUT_ACT_FREEZE, now_h)) {
        json_decref(why);
        return false;
    }
    rollout_save_place(db, r);
    rollout_save_frozen(db, r->no, why);
    return true;
}

/* ---- a new one ------------------------------------------------------------------- */

bool rollout_has_release(struct db *db, const struct rollout_plan *p, unsigned status,
                         struct outcome *o)
{
    struct release_row r;
    char version[VERSION_TEXT];

    text_of_version(p->version, version);
    if (!release_named(db, p->class_id, p->version, &r)) {
        outcome_say(o, status, "/version", "no release %s of this class is published",
                    version);
        return false;
    }
    if (r.withdrawn) {
        outcome_say(o, status, "/version", "release %s is withdrawn", version);
        return false;
    }
    return true;
}

/* The salt stays in the family, so that the same devices come first again. */
static bool inherit(struct db *db, struct rollout_plan *p, struct outcome *o)
{
    struct rollout_row r;
    const char *wrong = NULL;

    if (p->supersedes == 0) {
        return true;
    }
    if (!rollout_load(db, p->supersedes, &r)) {
        wrong = "there is no such rollout";
    } else if (memcmp(r.plan.class_id, p->class_id, sizeof p->class_id) != 0) {
        wrong = "that rollout is of another class";
    } else if (r.plan.ladder.state == ROLLOUT_DRAFT) {
        wrong = "that rollout was never opened: nothing takes its place";
    } else if (r.plan.version >= p->version) {
        wrong = "that rollout's version is not lower: devices would refuse this one";
    }
    if (wrong != NULL) {
        outcome_say(o, 422, "/supersedes", "%s", wrong);
        return false;
    }
    memcpy(p->salt, r.plan.salt, sizeof p->salt);
    return true;
}

static bool has_salt(const struct rollout_plan *p, struct outcome *o)
{
    static const uint8_t none[COHORT_SALT_LEN];

    if (memcmp(p->salt, none, sizeof none) == 0) {
        outcome_say(o, 400, "/salt", "a new lineage wants a salt");
        return false;
    }
    return true;
}

void rollout_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    struct body b;
    struct rollout_plan p;
    (void)seq;

    if (body_open(&b, e->body, e->len, o) && rollout_plan_read(b.json, &p, o) &&
        rollout_has_release(db, &p, 422, o) && inherit(db, &p, o) && has_salt(&p, o)) {
        int64_t no = next_number(db);
        insert(db, no, &p);
        outcome_say(o, 201, "", "%s", "");
        o->answer = json_pack("{sI}", "no", (json_int_t)no);
    }
    body_close(&b);
}

json_t *rollout_back(struct db *db, int64_t no, uint32_t version, struct outcome *o)
{
    struct rollout_row r;

    if (!rollout_load(db, no, &r)) {
        outcome_say(o, 404, "", "there is no rollout %lld", (long long)no);
        return NULL;
    }
    struct rollout_plan p = {.predicate = {{0, UINT32_MAX}, {0, UINT32_MAX}, 0, 0, 0},
                             .version = version,
                             .supersedes = no,
                             .aim_exposed = true,
                             .alpha = r.plan.alpha,
                             .ladder = {.stages = 1, .urgent = true}};
    memcpy(p.class_id, r.plan.class_id, sizeof p.class_id);
    p.ladder.stage[0].size.offered = COHORT_ALL;
    p.ladder.stage[0].smallest_loss = 0.1;
    if (!rollout_has_release(db, &p, 422, o) || !inherit(db, &p, o)) {
        return NULL;
    }
    return rollout_plan_write(&p);
}
