/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators do. Each is an event, or two that are one; this file puts together what
 * is in them, and the events' own files say whether it may be done. */
#include <stdlib.h>
#include <string.h>

#include "../model/releases.h"
#include "../model/rollout_json.h"
#include "post.h"
#include "routes.h"
#include "text.h"

/* {"class", "version"}: what the artifact store knows of it. The store is read in HTTP's
 * thread: it may be far away. */
void operate_release(struct request *r)
{
    json_t *body = request_json(r);
    struct reader *reader = body != NULL ? request_reader(r) : NULL;
    struct outcome o = {0};

    if (reader != NULL) {
        json_t *release = releases_read(reader->store, body, &o);
        if (release == NULL) {
            answer_problem(r, o.status, o.where, "%s", o.why);
        } else {
            post_json(r, EVENT_RELEASE, release);
        }
    }
    json_decref(body);
}

void operate_withdraw(struct request *r)
{
    int64_t no;
    json_t *body = request_no(r, &no) ? request_json(r) : NULL;

    if (body != NULL) {
        json_object_set_new(body, "no", json_integer(no));
        post_json(r, EVENT_WITHDRAW, body);
    }
}

void operate_rollout(struct request *r)
{
    json_t *body = request_json(r);

    if (body == NULL) {
        return;
    }
    /* Chance is the server's: the event carries what was drawn. */
    if (json_object_get(body, "salt") == NULL) {
        json_object_set_new(body, "salt", rollout_salt());
    }
    post_json(r, EVENT_ROLLOUT, body);
}

/* The body and the rollout that the path names; NULL: the answer is there. */
static json_t *about_rollout(struct request *r)
{
    int64_t no;
    json_t *body = request_no(r, &no) ? request_json(r) : NULL;

    if (json_object_get(body, "rollout") != NULL) {
        answer_problem(r, 422, "/rollout", "the path says which rollout");
        json_decref(body);
        return NULL;
    }
    if (body != NULL) {
        json_object_set_new(body, "rollout", json_integer(no));
    }
    return body;
}

void operate_act(struct request *r)
{
    json_t *body = about_rollout(r);

    if (body != NULL) {
        json_object_set_new(body, "act", json_string(strrchr(r->path, '/') + 1));
        post_json(r, EVENT_ACT, body);
    }
}

void operate_waive(struct request *r)
{
    json_t *body = about_rollout(r);

    if (body != NULL) {
        post_json(r, EVENT_WAIVE, body);
    }
}

void operate_devices(struct request *r)
{
    if (r->body_len == 0) {
        answer_problem(r, 400, NULL, "the body is empty: CSV is wanted");
        return;
    }
    char *body = r->body;
    r->body = NULL;
    post_event(r, EVENT_DEVICES, body, r->body_len);
}

/* ---- rolling back ---------------------------------------------------------------- */

struct rollback {
    int64_t no;
    uint32_t version;
    char *reason;
};

static void free_rollback(void *own)
{
    struct rollback *b = own;

    free(b->reason);
    free(b);
}

static bool apply_json(struct request *r, struct db *db, int64_t now,
                       enum event_kind kind, json_t *body, struct outcome *o)
{
    char *text = json_dumps(body, JSON_COMPACT);
    bool done = text != NULL &&
                post_apply(r, db, now, kind, text, strlen(text), o);

    json_decref(body);
    free(text);
    return done;
}

/* A rollout of the old code under its higher number, and its opening. */
static bool apply_rollback(struct job *j, struct db *db, int64_t now)
{
    struct request *r = (struct request *)j;
    const struct rollback *b = r->own;
    struct outcome o = {0}, opened;
    json_t *body = rollout_back(db, b->no, b->version, &o);

    if (body == NULL) {
        answer_problem(r, o.status, o.where, "%s", o.why);
        return false;
    }
    if (!apply_json(r, db, now, EVENT_ROLLOUT, body, &o)) {
        return false;
    }
    json_t *act = json_pack("{s:O, s:s, s:s}", "rollout",
                            json_object_get(o.answer, "rollout"), "act", "open",
                            "reason", b->reason);
    if (!apply_json(r, db, now, EVENT_ACT, act, &opened)) {
        json_decref(o.answer);
        return false;
    }
    json_decref(opened.answer);
    post_answer(r, &o);
    return true;
}

void operate_rollback(struct request *r)
{
    int64_t no;
    json_t *body = request_no(r, &no) ? request_json(r) : NULL;
    const char *reason = json_string_value(json_object_get(body, "reason"));
    const char *version = json_string_value(json_object_get(body, "version"));
    uint32_t number;

    if (body == NULL) {
        return;
    }
    if (version == NULL || !text_version(version, &number)) {
        answer_problem(r, 422, "/version",
                       "version: the release to go back to, as \"2.1.1\"");
    } else if (reason == NULL || reason[0] == '\0') {
        answer_problem(r, 422, "/reason", "reason: a sentence for the record");
    } else {
        struct rollback *b = calloc(1, sizeof *b);
        if (b != NULL) {
            *b = (struct rollback){no, number, strdup(reason)};
            r->own = b;
            r->free_own = free_rollback;
            r->job.apply = apply_rollback;
        }
    }
    json_decref(body);
}
