/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators do. Each is an event, or two that are one; this file puts together what
 * is in them, and the events' own files say whether it may be done. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "../model/release_find.h"
#include "../model/releases.h"
#include "../model/rollout_json.h"
#include "post.h"
#include "routes.h"
#include "text.h"

/* ---- releases -------------------------------------------------------------------- */

/* {"class", "version", "pass"} */
static bool read_release(struct request *r, const json_t *body, uint8_t class_id[16],
                         uint32_t *version, bool *pass)
{
    const char *id = json_string_value(json_object_get(body, "class"));
    const char *text = json_string_value(json_object_get(body, "version"));
    const json_t *must = json_object_get(body, "pass");

    if (id == NULL || !text_id(id, class_id)) {
        answer_problem(r, 422, "/class", "class: 32 hexadecimal digits");
    } else if (text == NULL || !text_version(text, version)) {
        answer_problem(r, 422, "/version", "version: as \"2.1.0\"");
    } else if (must != NULL && !json_is_boolean(must)) {
        answer_problem(r, 422, "/pass", "pass: true or false");
    } else if (json_object_size(body) > 2U + (must != NULL)) {
        answer_problem(r, 422, "/", "members are class, version and pass");
    } else {
        *pass = json_is_true(must);
        return true;
    }
    return false;
}

/* What the artifact store knows of it. The store is read in HTTP's thread: it may be far
 * away. */
void operate_release(struct request *r)
{
    uint8_t class_id[16];
    uint32_t version;
    bool pass;
    json_t *body = request_json(r);
    struct reader *reader =
        body != NULL && read_release(r, body, class_id, &version, &pass)
            ? request_reader(r)
            : NULL;
    struct outcome o = {0};

    if (reader != NULL) {
        char *record = release_body(reader->store, class_id, version, pass, &o);
        if (record != NULL) {
            post_event(r, EVENT_RELEASE, record, strlen(record));
        } else {
            answer_problem(r, o.status, o.where, "%s", o.why);
        }
    }
    json_decref(body);
}

/* {"reason"}; the record names it by class and version, which mean the same anywhere. */
void operate_withdraw(struct request *r)
{
    int64_t no;
    uint8_t class_id[16];
    uint32_t version;
    char id[ID_TEXT], text[VERSION_TEXT];
    struct reader *reader = request_no(r, &no) ? request_reader(r) : NULL;
    json_t *body = reader != NULL ? request_json(r) : NULL;

    if (body == NULL) {
        return;
    }
    if (!release_by_no(reader->db, no, class_id, &version)) {
        answer_problem(r, 404, NULL, "there is no such release");
        json_decref(body);
        return;
    }
    sodium_bin2hex(id, sizeof id, class_id, sizeof class_id);
    text_of_version(version, text);
    json_object_set_new(body, "class", json_string(id));
    json_object_set_new(body, "version", json_string(text));
    post_json(r, EVENT_WITHDRAW, body);
}

/* ---- rollouts and devices -------------------------------------------------------- */

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
    bool done = text != NULL && post_apply(r, db, now, kind, text, strlen(text), o);

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
    json_t *act =
        json_pack("{s:O, s:s, s:s}", "rollout", json_object_get(o.answer, "no"), "act",
                  "open", "reason", b->reason);
    if (!apply_json(r, db, now, EVENT_ACT, act, &opened)) {
        json_decref(o.answer);
        return false;
    }
    json_decref(opened.answer);
    post_answer(r, &o);
    return true;
}

void operate_back_to(struct request *r, int64_t no, const char *version,
                     const char *reason)
{
    uint32_t number;
    struct rollback *b;

    if (version == NULL || !text_version(version, &number)) {
        answer_problem(r, 422, "/version",
                       "version: the release to go back to, as \"2.1.1\"");
    } else if (reason == NULL || reason[0] == '\0') {
        answer_problem(r, 422, "/reason", "reason: a sentence for the record");
    } else if ((b = calloc(1, sizeof *b)) != NULL) {
        *b = (struct rollback){no, number, strdup(reason)};
        r->own = b;
        r->free_own = free_rollback;
        r->job.apply = apply_rollback;
    }
}

void operate_rollback(struct request *r)
{
    int64_t no;
    json_t *body = request_no(r, &no) ? request_json(r) : NULL;

    if (body != NULL) {
        operate_back_to(r, no, json_string_value(json_object_get(body, "version")),
                        json_string_value(json_object_get(body, "reason")));
    }
    json_decref(body);
}
