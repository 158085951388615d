/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an event's outcome is said in HTTP; not what the events do. */
#include "post.h"

#include <stdlib.h>
#include <string.h>

struct post {
    enum event_kind kind;
    char *body;
    size_t len;
};

static void free_post(void *own)
{
    struct post *p = own;

    free(p->body);
    free(p);
}

bool post_apply(struct request *r, struct db *db, int64_t now, enum event_kind kind,
                const void *body, size_t len, struct outcome *o)
{
    const struct event e = {.kind = kind,
                            .at = now,
                            .actor = r->who[0] != '\0' ? r->who : "phone",
                            .relay = r->relay,
                            .body = body,
                            .len = len};

    *o = (struct outcome){0};
    event_apply(db, &e, o);
    if (o->status >= 200 && o->status < 300) {
        return true;
    }
    answer_problem(r, o->status, o->where, "%s", o->why);
    json_decref(o->answer);
    o->answer = NULL;
    return false;
}

void post_answer(struct request *r, struct outcome *o)
{
    answer_json(r, o->status,
                o->answer != NULL ? o->answer : json_pack("{s:b}", "done", 1));
    o->answer = NULL;
}

static bool apply(struct job *j, struct db *db, int64_t now)
{
    struct request *r = (struct request *)j;
    const struct post *p = r->own;
    struct outcome o;
    bool done = post_apply(r, db, now, p->kind, p->body, p->len, &o);

    if (done) {
        post_answer(r, &o);
    }
    return done;
}

void post_event(struct request *r, enum event_kind kind, char *body, size_t len)
{
    struct post *p = body != NULL ? calloc(1, sizeof *p) : NULL;

    if (p == NULL) {
        free(body);
        answer_problem(r, 500, NULL, "no memory");
        return;
    }
    *p = (struct post){kind, body, len};
    r->own = p;
    r->free_own = free_post;
    r->job.apply = apply;
}

void post_json(struct request *r, enum event_kind kind, json_t *body)
{
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;

    json_decref(body);
    post_event(r, kind, text, text != NULL ? strlen(text) : 0);
}
