/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfer reports: what a phone says of its own part, unsigned. They are shown beside
 * the devices' words and decide nothing:
 *
 *   {"app", "device": hex, "rollout", "outcome": "done" | "refused" | "parked" |
 *    "declined" | "failed", "code", "bytes", "resumes", "seconds"} */
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "devices.h"

#define APP_MAX 32U
#define COUNT_MAX INT64_C(0xFFFFFFFFFF)

struct report {
    int64_t device, rollout, code, bytes, resumes, seconds;
    const char *app, *outcome;
};

static const char *outcome_of(struct body *b)
{
    static const char *const known[] = {"done", "refused", "parked", "declined",
                                        "failed"};
    const char *text = body_text(b, "outcome", 0, 16);

    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(text, known[i]) == 0) {
            return known[i];
        }
    }
    body_wrong(b, "outcome", "it is none of done, refused, parked, declined, failed");
    return "";
}

static bool rollout_is_there(struct db *db, int64_t no)
{
    struct db_query *q = db_ask(db, "SELECT 1 FROM rollouts WHERE no = ?");

    db_int(q, 0, no);
    bool found = db_next(q);
    db_done(q);
    return found;
}

static void read_report(struct db *db, const struct event *e, struct body *b,
                        struct report *r)
{
    uint8_t id[16];

    body_id(b, "device", id);
    r->app = body_text(b, "app", 0, APP_MAX);
    r->rollout = body_number(b, "rollout", 0, INT32_MAX);
    r->outcome = outcome_of(b);
    r->code = body_number(b, "code", INT32_MIN, INT32_MAX);
    r->bytes = body_number(b, "bytes", 0, COUNT_MAX);
    r->resumes = body_number(b, "resumes", 0, INT32_MAX);
    r->seconds = body_number(b, "seconds", 0, COUNT_MAX);
    if (!body_good(b)) {
        return;
    }
    r->device = device_by_id(db, id);
    if (r->device == 0 || (e->device != 0 && e->device != r->device)) {
        outcome_say(b->o, 422, "/device", "no device that we know");
    } else if (r->rollout != 0 && !rollout_is_there(db, r->rollout)) {
        outcome_say(b->o, 422, "/rollout", "there is no rollout %lld",
                    (long long)r->rollout);
    }
}

static void insert(struct db *db, const struct event *e, int64_t seq,
                   const struct report *r)
{
    struct db_query *q = db_ask(
        db, "INSERT INTO reports (seq, at, device, rollout, relay, outcome, code,"
            " bytes, resumes, seconds, app) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " ?)");

    db_int(q, 0, seq);
    db_int(q, 1, e->at);
    db_int(q, 2, r->device);
    db_int(q, 3, r->rollout);
    db_text(q, 4, e->relay);
    db_text(q, 5, r->outcome);
    db_int(q, 6, r->code);
    db_int(q, 7, r->bytes);
    db_int(q, 8, r->resumes);
    db_int(q, 9, r->seconds);
    db_text(q, 10, r->app);
    db_do(q);
}

void report_apply(struct db *db, const struct event *e, int64_t seq, struct outcome *o)
{
    struct report r = {0};
    struct body b;

    if (body_open(&b, e->body, e->len, o)) {
        read_report(db, e, &b, &r);
    }
    if (body_good(&b)) {
        insert(db, e, seq, &r);
        outcome_say(o, 201, "", "%s", "");
    }
    body_close(&b);
}
