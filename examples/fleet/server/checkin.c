/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/checkin. Signatures are verified in HTTP's threads, before anything waits for
 * the writer; what is not worth an event never does. */
#include "../model/checkin.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "../view/view.h"
#include "request.h"
#include "routes.h"

#define APP_MAX 32U
#define HOUR 3600

struct item {
    struct heard heard;
    const char *news; /* "new", "known", "late"; NULL: not asked yet */
};

struct checkin {
    char app[APP_MAX + 1];
    size_t len;
    struct item item[];
};

/* ---- what was sent --------------------------------------------------------------- */

static bool is_app(const char *text)
{
    size_t len = strlen(text);

    for (const char *c = text; *c != '\0'; c++) {
        if (*c < ' ' || *c >= 0x7F) {
            return false;
        }
    }
    return len <= APP_MAX;
}

/* NULL, or the first member that is none of ours. */
static const char *stranger(const json_t *body)
{
    const char *name;
    const json_t *value;

    json_object_foreach((json_t *)(uintptr_t)body, name, value)
    {
        if (strcmp(name, "app") != 0 && strcmp(name, "statements") != 0) {
            return name;
        }
    }
    return NULL;
}

static bool well_formed(struct request *r, const json_t *body)
{
    const json_t *list = json_object_get(body, "statements");
    const char *app = json_string_value(json_object_get(body, "app"));
    size_t i;
    const json_t *one;

    if (stranger(body) != NULL) {
        answer_problem(r, 422, "/", "there is no member \"%.40s\"", stranger(body));
    } else if (app == NULL || !is_app(app)) {
        answer_problem(r, 422, "/app",
                       "app: the phone application's version, at most %u characters",
                       APP_MAX);
    } else if (!json_is_array(list) || json_array_size(list) < 1 ||
               json_array_size(list) > CHECKIN_STATEMENTS_MAX) {
        answer_problem(r, 422, "/statements", "statements: an array of 1 to %u",
                       CHECKIN_STATEMENTS_MAX);
    } else {
        json_array_foreach(list, i, one)
        {
            if (!json_is_string(one)) {
                char where[40];
                snprintf(where, sizeof where, "/statements/%zu", i);
                answer_problem(r, 422, where, "a statement is base64 in a string");
                return false;
            }
        }
        return true;
    }
    return false;
}

/* ---- one statement --------------------------------------------------------------- */

/* Something else than base64 is no statement, like any other bytes that are none. */
static void verify(struct request *r, struct db *db, const json_t *text, int32_t now_h,
                   struct item *to)
{
    uint8_t bytes[FERRY_ENVELOPE_MAX + 1];
    size_t len = 0;
    const char *base64 = json_string_value(text);

    if (sodium_base642bin(bytes, sizeof bytes, base64, json_string_length(text), NULL,
                          &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        len = 0;
    }
    checkin_verify(db, r->server->secret, now_h, bytes, len, &to->heard);
    if (to->heard.wrong != SECURITY_NOTHING) {
        sightings_note(&r->server->sightings, to->heard.wrong, to->heard.device,
                       to->heard.claimed, r->relay);
    }
}

static json_t *refused(const struct heard *h)
{
    static const uint8_t nobody[sizeof h->claimed];
    char hex[2 * sizeof h->claimed + 1];
    json_t *told = json_pack("{s:s, s:s, s:s}", "statement", security_name(h->wrong),
                             "decision", "none", "why", security_means(h->wrong));

    if (memcmp(h->claimed, nobody, sizeof nobody) != 0) {
        sodium_bin2hex(hex, sizeof hex, h->claimed, sizeof h->claimed);
        json_object_set_new(told, "device", json_string(hex));
    }
    return told;
}

/* What it may do, behind what was made of its statement. */
static json_t *decided(struct db *db, const struct item *item, int64_t now)
{
    json_t *told = checkin_decision(db, item->heard.device, now);

    json_object_set_new(told, "statement", json_string(item->news));
    return told;
}

/* ---- the answer ------------------------------------------------------------------ */

static enum metrics_statement counted_as(const struct item *item)
{
    if (item->heard.wrong != SECURITY_NOTHING) {
        return STATEMENT_BAD;
    }
    if (strcmp(item->news, "new") == 0) {
        return STATEMENT_NEW;
    }
    return strcmp(item->news, "known") == 0 ? STATEMENT_KNOWN : STATEMENT_LATE;
}

static void answer(struct request *r, struct db *db, int64_t now)
{
    const struct checkin *c = r->own;
    struct metrics *m = &r->server->metrics;
    json_t *list = json_array();
    char text[21];

    for (size_t i = 0; i < c->len; i++) {
        const struct item *item = &c->item[i];
        bool bad = item->heard.wrong != SECURITY_NOTHING;
        json_array_append_new(list,
                              bad ? refused(&item->heard) : decided(db, item, now));
        atomic_fetch_add(&m->statements[counted_as(item)], 1);
    }
    view_time(now, text);
    answer_json(r, 200,
                json_pack("{s:s, s:i, s:o}", "now", text, "hour_s",
                          (int)r->server->set.hour_s, "devices", list));
    answer_header(r, "Cache-Control", "no-store");
}

/* False: the database failed. */
static bool take(struct request *r, struct db *db, int64_t now, struct item *item)
{
    const struct checkin *c = r->own;
    const struct event e = {.kind = EVENT_STATEMENT,
                            .at = now,
                            .actor = c->app,
                            .relay = r->relay,
                            .device = item->heard.device,
                            .body = item->heard.envelope + FERRY_TBS_SPARE,
                            .len = item->heard.len};
    struct outcome o = {0};

    item->news = checkin_news(db, &item->heard);
    if (strcmp(item->news, "new") == 0) {
        event_apply(db, &e, &o);
        json_decref(o.answer);
    }
    return o.status < 500 && !db_failed(db);
}

static bool apply(struct job *j, struct db *db, int64_t now)
{
    struct request *r = (struct request *)j;
    struct checkin *c = r->own;

    for (size_t i = 0; i < c->len; i++) {
        if (c->item[i].heard.wrong == SECURITY_NOTHING &&
            !take(r, db, now, &c->item[i])) {
            return false;
        }
    }
    answer(r, db, now);
    return true;
}

/* Is there anything that the writer must see? Asked again, or forged: there is not. */
static bool worth_writing(struct checkin *c, struct db *db)
{
    for (size_t i = 0; i < c->len; i++) {
        struct item *item = &c->item[i];
        if (item->heard.wrong == SECURITY_NOTHING) {
            item->news = checkin_news(db, &item->heard);
            if (strcmp(item->news, "new") == 0) {
                return true;
            }
        }
    }
    return false;
}

static struct checkin *read_statements(struct request *r, struct db *db,
                                       const json_t *body, int64_t now)
{
    const json_t *list = json_object_get(body, "statements"), *one;
    size_t i, len = json_array_size(list);
    struct checkin *c = calloc(1, sizeof *c + len * sizeof c->item[0]);

    if (c == NULL) {
        answer_problem(r, 500, NULL, "no memory");
        return NULL;
    }
    c->len = len;
    strcpy(c->app, json_string_value(json_object_get(body, "app")));
    json_array_foreach(list, i, one)
    {
        verify(r, db, one, (int32_t)(now / HOUR), &c->item[i]);
    }
    return c;
}

void phone_checkin(struct request *r)
{
    json_t *body = request_json(r);
    bool good = body != NULL && well_formed(r, body);
    size_t len = json_array_size(json_object_get(body, "statements"));
    struct reader *reader =
        good && request_may(r, (uint32_t)len - 1) ? request_reader(r) : NULL;

    if (reader != NULL) {
        int64_t now = fleet_clock_now(&r->server->clock);
        struct checkin *c = read_statements(r, reader->db, body, now);
        r->own = c;
        r->free_own = free;
        if (c != NULL && worth_writing(c, reader->db)) {
            r->job.apply = apply;
        } else if (c != NULL) {
            answer(r, reader->db, now);
        }
    }
    json_decref(body);
}
