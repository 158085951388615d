/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what is innocent: the code a device came with, what it was offered, and what it
 * rolled back to. Counts that fall are a lost journal's and tell nothing. */
#include "suspect.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/err.h"
#include "release_row.h"
#include "text.h"

void suspect_note(struct db *db, const struct state *s, enum security_kind kind,
                  int64_t times, const char *body, int64_t at)
{
    security_note(db, at, kind, s->no, s->is.id, "", times, body);
}

static void note_json(struct db *db, const struct state *s, enum security_kind kind,
                      int64_t times, json_t *body, int64_t at)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);

    suspect_note(db, s, kind, times, text != NULL ? text : "", at);
    free(text);
    json_decref(body);
}

/* ---- what it refused ------------------------------------------------------------- */

static void look_at_signatures(struct db *db, const struct state *before,
                               const struct state *now,
                               const struct ferry_statement *says, int64_t at)
{
    char digest[2 * FERRY_OFFENDER_LEN];

    if (now->bad_signatures <= before->bad_signatures) {
        return;
    }
    sodium_bin2hex(digest, sizeof digest, says->offender + 1, FERRY_OFFENDER_LEN - 1);
    note_json(
        db, now, SECURITY_REFUSED_CODE, now->bad_signatures - before->bad_signatures,
        json_pack("{si ss}", "slot", (int)says->offender[0], "digest", digest), at);
}

static void look_at_refusals(struct db *db, const struct state *before,
                             const struct state *now, int64_t at)
{
    json_t *body = json_object();
    int64_t times = 0;

    for (unsigned i = 0; i < FERRY_REFUSALS_LEN; i++) {
        if (now->refusals[i] > before->refusals[i]) {
            int more = now->refusals[i] - before->refusals[i];
            json_object_set_new(body, ferry_errname(FERRY_E_CLASS - (int)i),
                                json_integer(more));
            times += more;
        }
    }
    if (times > 0) {
        note_json(db, now, SECURITY_REFUSED_POLICY, times, body, at);
    } else {
        json_decref(body);
    }
}

/* ---- what it runs ---------------------------------------------------------------- */

/* Its offer names this release, or a rollout of this version had it treated. */
static bool was_offered(struct db *db, const struct state *s)
{
    struct db_query *q =
        db_ask(db, "SELECT 1 FROM offers JOIN releases ON no = release"
                   " WHERE device = ? AND version = ?"
                   " UNION ALL SELECT 1 FROM rollouts JOIN exposures ON rollout = no"
                   " AND device = ? AND treated = 1"
                   " WHERE class = ? AND rollouts.version = ?");

    db_int(q, 0, s->no);
    db_int(q, 1, s->is.version);
    db_int(q, 2, s->no);
    db_blob(q, 3, s->is.class_id, sizeof s->is.class_id);
    db_int(q, 4, s->is.version);
    bool found = db_next(q);
    db_done(q);
    return found;
}

/* It went back to what it had before. */
static bool rolled_back(const struct state *before, const struct state *now)
{
    return now->rollbacks > before->rollbacks && now->is.version < before->is.version;
}

/* NOTHING, UNKNOWN_CODE or UNOFFERED. What a device came with needs no offer, and need
 * not have been published. */
static enum security_kind code_is(struct db *db, const struct state *before,
                                  const struct state *now)
{
    struct release_row r;

    if (!release_named(db, now->is.class_id, now->is.version, &r)) {
        return before->heard && !rolled_back(before, now) ? SECURITY_UNKNOWN_CODE
                                                          : SECURITY_NOTHING;
    }
    if (!release_is_code(db, r.no, now->digest)) {
        return SECURITY_UNKNOWN_CODE;
    }
    if (!before->heard || rolled_back(before, now) || was_offered(db, now)) {
        return SECURITY_NOTHING;
    }
    return SECURITY_UNOFFERED;
}

static void look_at_code(struct db *db, const struct state *before,
                         const struct state *now, int64_t at)
{
    char digest[2 * STATE_DIGEST_LEN + 1], version[VERSION_TEXT];

    if (before->heard && before->is.version == now->is.version &&
        memcmp(before->digest, now->digest, sizeof now->digest) == 0) {
        return;
    }
    enum security_kind kind = code_is(db, before, now);
    if (kind == SECURITY_NOTHING) {
        return;
    }
    sodium_bin2hex(digest, sizeof digest, now->digest, sizeof now->digest);
    text_of_version(now->is.version, version);
    note_json(db, now, kind, 1,
              json_pack("{ss ss}", "version", version, "digest", digest), at);
}

void suspect_look(struct db *db, const struct state *before, const struct state *now,
                  const struct ferry_statement *says, int64_t at)
{
    look_at_code(db, before, now, at);
    look_at_signatures(db, before, now, says, at);
    look_at_refusals(db, before, now, at);
}
