/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/demo/clock {"hours": n}: moves fleet time on, for demonstrations and tests. The
 * answer comes when the hours that passed have been looked at, as if they had gone by. */
#include <stdlib.h>

#include "../view/view.h"
#include "request.h"
#include "routes.h"

#define HOURS_MAX 2000
#define HOUR 3600

struct move {
    int64_t hours, to; /* to: fleet time, once it is known */
};

static bool nothing(struct job *j, struct db *db, int64_t now)
{
    (void)db;
    (void)now;
    struct request *r = (struct request *)j;
    const struct move *m = r->own;
    char text[21];

    view_time(m->to, text);
    answer_json(
        r, 200,
        json_pack("{s:s, s:I}", "now", text, "hour", (json_int_t)(m->to / HOUR)));
    return true;
}

static bool keep(struct job *j, struct db *db, int64_t now)
{
    struct request *r = (struct request *)j;
    struct move *m = r->own;

    m->to = now + m->hours * HOUR;
    return fleet_clock_keep(&r->server->clock, db, m->to);
}

static void answer_now(struct request *r)
{
    r->state = REQUEST_ANSWERED;
    MHD_resume_connection(r->connection);
}

static void looked_at(struct job *j, enum job_end how, const char *why)
{
    struct request *r = (struct request *)j;

    if (how != JOB_DONE) {
        answer_problem(r, 503, NULL, "the clock was moved, but: %s", why);
    }
    answer_now(r);
}

/* The clock moves once that is on the disk. Whatever comes next into the queue comes
 * behind the look at all hours that passed: so something is put there. */
static void moved(struct job *j, enum job_end how, const char *why)
{
    struct request *r = (struct request *)j;
    const struct move *m = r->own;

    if (how == JOB_DONE) {
        fleet_clock_moved(&r->server->clock, m->to);
        r->job.apply = nothing;
        r->job.end = looked_at;
        if (writer_post(r->server->writer, &r->job)) {
            return;
        }
        why = "it does not fit into the queue";
    }
    answer_problem(r, 503, NULL, "the clock was not looked at: %s", why);
    answer_now(r);
}

void demo_clock(struct request *r)
{
    json_t *body = request_json(r);
    const json_t *hours = json_object_get(body, "hours");
    struct move *m;

    if (body == NULL) {
        return;
    }
    if (!json_is_integer(hours) || json_integer_value(hours) < 1 ||
        json_integer_value(hours) > HOURS_MAX) {
        answer_problem(r, 422, "/hours", "hours: a number from 1 to %d", HOURS_MAX);
    } else if ((m = calloc(1, sizeof *m)) != NULL) {
        m->hours = json_integer_value(hours);
        r->own = m;
        r->free_own = free;
        r->job.apply = keep;
        r->job.end = moved;
    }
    json_decref(body);
}
