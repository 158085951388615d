/* SPDX-License-Identifier: Apache-2.0
 *
 * The two events about releases, and a release's row. */
#include "releases.h"

#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "release_json.h"
#include "text.h"

int64_t release_load(struct db *db, const uint8_t class_id[16], uint32_t version,
                     struct release *r)
{
    char why[100];
    struct db_query *q = db_ask(db, "SELECT no, body, withdrawn_at FROM releases"
                                    " WHERE class = ? AND version = ?");

    db_blob(q, 0, class_id, 16);
    db_int(q, 1, version);
    int64_t no = db_next(q) ? db_get_int(q, 0) : 0;
    const char *json = db_get_text(q, 1);
    if (no > 0 &&
        !release_from_json((const uint8_t *)json, strlen(json), r, why, sizeof why)) {
        no = 0;
    } else if (no > 0) {
        r->withdrawn = !db_get_null(q, 2);
    }
    db_done(q);
    return no;
}

static int64_t next_no(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT no FROM releases ORDER BY no DESC LIMIT 1");
    int64_t no = db_next(q) ? db_get_int(q, 0) : 0;

    db_done(q);
    return no + 1;
}

static int64_t find(struct db *db, const uint8_t class_id[16], uint32_t version,
                    bool *withdrawn)
{
    struct db_query *q = db_ask(db, "SELECT no, withdrawn_at FROM releases"
                                    " WHERE class = ? AND version = ?");

    db_blob(q, 0, class_id, 16);
    db_int(q, 1, version);
    int64_t no = db_next(q) ? db_get_int(q, 0) : 0;
    *withdrawn = no > 0 && !db_get_null(q, 1);
    db_done(q);
    return no;
}

/* ---- taking over ----------------------------------------------------------------- */

/* The revisions that any of its variants is for. */
static void hw_range(const struct release *r, uint32_t *min, uint32_t *max)
{
    *min = UINT32_MAX;
    *max = 0;
    for (unsigned i = 0; i < r->variants_len; i++) {
        *min = r->variants[i].hw_min < *min ? r->variants[i].hw_min : *min;
        *max = r->variants[i].hw_max > *max ? r->variants[i].hw_max : *max;
    }
}

static void insert(struct db *db, int64_t no, const struct release *r, bool pass,
                   const char *json)
{
    uint32_t hw_min, hw_max;
    struct db_query *q = db_ask(
        db, "INSERT INTO releases (no, class, version, sec_ctr, slot, min_from, hw_min,"
            " hw_max, pass, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

    hw_range(r, &hw_min, &hw_max);
    db_int(q, 0, no);
    db_blob(q, 1, r->class_id, 16);
    db_int(q, 2, r->version);
    db_int(q, 3, r->sec_ctr);
    db_int(q, 4, r->slot);
    db_int(q, 5, r->min_from);
    db_int(q, 6, hw_min);
    db_int(q, 7, hw_max);
    db_int(q, 8, pass);
    db_text(q, 9, json);
    db_do(q);
}

static void take_over(struct db *db, struct body *b, const struct release *r, bool pass)
{
    bool withdrawn;
    char version[VERSION_TEXT], *json;
    int64_t no = next_no(db);

    text_of_version(r->version, version);
    if (find(db, r->class_id, r->version, &withdrawn) > 0) {
        outcome_say(b->o, 409, "/version", "release %s of this class is there already",
                    version);
        return;
    }
    json_object_del(b->json, "pass");
    json = body_again(b);
    if (json == NULL) {
        return;
    }
    insert(db, no, r, pass, json);
    free(json);
    outcome_say(b->o, 201, "", "%s", "");
    b->o->answer = json_pack("{sI sO ss}", "release", (json_int_t)no, "class",
                             json_object_get(b->json, "class"), "version", version);
}

void release_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    struct release r;
    struct body b;
    char why[120];
    (void)seq;

    if (body_open(&b, e->body, e->len, o)) {
        if (!release_from_json(e->body, e->len, &r, why, sizeof why)) {
            outcome_say(o, 422, "", "no release's record: %s", why);
        }
        bool pass = body_bool(&b, "pass");
        if (body_good(&b)) {
            take_over(db, &b, &r, pass);
        }
    }
    body_close(&b);
}

/* ---- withdrawing ----------------------------------------------------------------- */

static void withdraw(struct db *db, int64_t no, int64_t at)
{
    struct db_query *q =
        db_ask(db, "UPDATE releases SET withdrawn_at = ? WHERE no = ?");

    db_int(q, 0, at);
    db_int(q, 1, no);
    db_do(q);
}

void withdraw_apply(struct db *db, const struct event *e, int64_t seq,
                    struct outcome *o)
{
    uint8_t class_id[16];
    struct body b;
    bool withdrawn = false;
    (void)seq;

    if (body_open(&b, e->body, e->len, o)) {
        body_id(&b, "class", class_id);
        uint32_t version = body_version(&b, "version");
        body_text(&b, "reason", 0, RELEASE_REASON_MAX);
        int64_t no = body_good(&b) ? find(db, class_id, version, &withdrawn) : 0;
        if (body_good(&b) && no == 0) {
            outcome_say(o, 404, "/version", "there is no such release");
        } else if (body_good(&b) && withdrawn) {
            outcome_say(o, 409, "/version", "it is withdrawn already");
        } else if (body_good(&b)) {
            withdraw(db, no, e->at);
            outcome_say(o, 200, "", "%s", "");
        }
    }
    body_close(&b);
}
