/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device may do now, as a phone is told it. Reads what events left; knows that an
 * offer may have run out, that its rollout may have stopped since, and that the device may
 * have moved on. Says nothing of who is held back. */
#include <stdio.h>
#include <time.h>

#include <sodium.h>

#include "../rollout/rollout.h"
#include "checkin.h"
#include "release_row.h"
#include "state.h"
#include "text.h"

struct offered {
    int64_t rollout, release, expires;
    enum rollout_state state;
};

static bool offer_of(struct db *db, int64_t device, struct offered *f)
{
    struct db_query *q =
        db_ask(db, "SELECT rollout, release, expires, state FROM offers"
                   " JOIN rollouts ON no = rollout WHERE device = ?");

    db_int(q, 0, device);
    if (!db_next(q)) {
        return false;
    }
    *f = (struct offered){db_get_int(q, 0), db_get_int(q, 1), db_get_int(q, 2),
                          (enum rollout_state)db_get_int(q, 3)};
    db_done(q);
    return true;
}

static const char *why_not(enum cohort_why why)
{
    switch (why) {
    case COHORT_FITS:
        return "";
    case COHORT_CLASS:
        return "the release is for another product";
    case COHORT_HW:
        return "the release is not for its hardware revision";
    case COHORT_HAS_IT:
        return "it runs this release, or a newer one";
    case COHORT_MIN_FROM:
        return "it is too old for this release";
    case COHORT_FLOOR:
        return "it would refuse this release: it is below its floor";
    case COHORT_GRAVE:
        return "it rolled back from this release, or from a newer one";
    case COHORT_NOT_MEANT:
        return "the release is not meant for it";
    }
    return "";
}

static json_t *decided(const struct state *s, const char *decision, const char *why)
{
    char id[2 * COHORT_ID_LEN + 1];

    sodium_bin2hex(id, sizeof id, s->is.id, COHORT_ID_LEN);
    return json_pack("{ss ss ss}", "device", id, "decision", decision, "why", why);
}

static void time_text(int64_t at, char to[21])
{
    time_t t = (time_t)at;
    struct tm utc;

    if (gmtime_r(&t, &utc) == NULL ||
        strftime(to, 21, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        to[0] = '\0';
    }
}

static json_t *offer(struct db *db, const struct state *s, const struct offered *f,
                     const struct release_row *r)
{
    char version[VERSION_TEXT], expires[21];
    json_t *d = decided(s, "offer", "");

    text_of_version(r->is.version, version);
    time_text(f->expires, expires);
    json_object_set_new(d, "rollout", json_integer(f->rollout));
    json_object_set_new(
        d, "release",
        json_pack("{sI ss}", "no", (json_int_t)r->no, "version", version));
    json_object_set_new(d, "expires", json_string(expires));
    json_object_set_new(d, "artifacts", release_artifacts(db, r->no, s->is.hw_rev));
    return d;
}

json_t *checkin_decision(struct db *db, int64_t device, int64_t now)
{
    static const struct cohort_predicate anybody = {
        {0, UINT32_MAX}, {0, UINT32_MAX}, 0, 0, 0};
    struct state s;
    struct offered f;
    struct release_row r;

    if (!state_load(db, device, &s)) {
        return NULL;
    }
    if (!offer_of(db, device, &f) || !release_numbered(db, f.release, &r)) {
        return decided(&s, "none", "nothing is offered to it");
    }
    enum cohort_why why = cohort_fits(&s.is, &r.is, &anybody);
    if (why != COHORT_FITS) {
        return decided(&s, "none", why_not(why));
    }
    if (r.withdrawn) {
        return decided(&s, "none", "the release was withdrawn");
    }
    if (f.state == ROLLOUT_FROZEN) {
        return decided(&s, "hold", "the rollout is frozen");
    }
    if (f.state != ROLLOUT_OPEN) {
        return decided(&s, "none", "the rollout is over");
    }
    if (f.expires <= now) {
        return decided(&s, "none", "its offer has run out: a new statement renews it");
    }
    return offer(db, &s, &f, &r);
}
