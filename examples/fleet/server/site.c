/* SPDX-License-Identifier: Apache-2.0
 *
 * The page, and its forms' acts. Who reads shows a token in a cookie, which permits
 * reading alone; who acts types one each time (page/page.h says why). A demonstration may
 * be read by anybody. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "page.h"
#include "post.h"
#include "routes.h"

#define COOKIE "ferryd"

static void answer_page(struct request *r, struct db *db, const char *wrong,
                        unsigned status)
{
    const char *query = strchr(r->uri, '?');
    const struct page_ask ask = {.path = r->path,
                                 .query = query != NULL ? query + 1 : NULL,
                                 .who = r->who,
                                 .wrong = wrong,
                                 .now = fleet_clock_now(&r->server->clock)};
    struct page_answer a = {0};

    page_make(db, &ask, &a);
    if (a.html == NULL) {
        answer_problem(r, 500, NULL, "no memory");
        return;
    }
    answer_text(r, wrong != NULL ? status : a.status, PAGE_TYPE, a.html, a.len);
    answer_header(r, "Content-Security-Policy", PAGE_POLICY);
    answer_header(r, "Referrer-Policy", "no-referrer");
    answer_header(r, "Cache-Control", "no-store");
}

static void see_other(struct request *r, const char *where)
{
    answer_empty(r, 303);
    answer_header(r, "Location", where);
    answer_header(r, "Cache-Control", "no-store");
}

/* ---- reading --------------------------------------------------------------------- */

static bool may_read(struct request *r)
{
    const char *cookie =
        MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, COOKIE);
    const char *why;

    if (cookie != NULL && auth_token(r, cookie, ROUTE_READ, &why)) {
        return true;
    }
    return r->server->set.demo;
}

void site_page(struct request *r)
{
    struct reader *reader;

    if (strcmp(r->path, "/sign-in") == 0) {
        answer_page(r, NULL, NULL, 0);
    } else if (!may_read(r)) {
        if (r->answer == NULL) {
            see_other(r, "/sign-in");
        }
    } else if ((reader = request_reader(r)) != NULL) {
        answer_page(r, reader->db, NULL, 0);
    }
}

/* ---- signing in ------------------------------------------------------------------ */

static void set_cookie(struct request *r, const char *token)
{
    char cookie[PAGE_TOKEN_MAX + 100];
    const struct settings *set = &r->server->set;
    bool encrypted = settings_tls(set) || set->forwarded; /* by the proxy */

    snprintf(cookie, sizeof cookie, COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
             token, encrypted ? "; Secure" : "", token[0] == '\0' ? "; Max-Age=0" : "");
    answer_header(r, "Set-Cookie", cookie);
}

/* What a cookie may hold, and tokens are made of. */
static bool plain(const char *token)
{
    return token[strspn(token, "0123456789abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.")] == '\0';
}

static void sign_in(struct request *r)
{
    char token[PAGE_TOKEN_MAX + 1];
    const char *why = "this is no token";
    bool read = page_sign_in_read(r->body, r->body_len, token);

    if (read && (token[0] == '\0' ||
                 (plain(token) && auth_token(r, token, ROUTE_READ, &why)))) {
        see_other(r, token[0] == '\0' ? "/sign-in" : "/");
        set_cookie(r, token);
    } else if (r->answer == NULL) {
        answer_page(r, NULL, why, 403);
    }
}

/* ---- acting ---------------------------------------------------------------------- */

static json_t *body_of(const struct page_act *act)
{
    json_t *body = json_pack("{s:I, s:s}", "rollout", (json_int_t)act->rollout,
                             "reason", act->reason);

    if (strcmp(act->act, "waive") == 0) {
        json_object_set_new(body, "hw_rev", json_integer(act->hw_rev));
    } else {
        json_object_set_new(body, "act", json_string(act->act));
    }
    return body;
}

static void post_act(struct request *r, const struct page_act *act)
{
    if (strcmp(act->act, "rollback") == 0) {
        operate_back_to(r, act->rollout, act->version, act->reason);
        return;
    }
    post_json(r, strcmp(act->act, "waive") == 0 ? EVENT_WAIVE : EVENT_ACT,
              body_of(act));
}

/* Behind the writer: back to the rollout, or the form again with what was wrong. */
static void acted(struct request *r)
{
    char where[60], wrong[ANSWER_WHY_MAX];
    struct reader *reader;

    if (r->status < 300) {
        const char *end = strrchr(r->path, '/');
        snprintf(where, sizeof where, "%.*s", (int)(end - r->path), r->path);
        see_other(r, where);
        return;
    }
    snprintf(wrong, sizeof wrong, "%s", r->why);
    unsigned status = r->status;
    if ((reader = request_reader(r)) != NULL) {
        answer_page(r, reader->db, wrong, status);
    }
}

void site_form(struct request *r)
{
    struct page_act act;
    char unread[200];
    const char *why = unread;
    struct reader *reader;

    if (strcmp(r->path, "/sign-in") == 0) {
        sign_in(r);
        return;
    }
    if (page_act_read(r->path, r->body != NULL ? r->body : "", r->body_len, &act,
                      unread, sizeof unread) &&
        auth_token(r, act.token, ROUTE_OPERATE, &why)) {
        post_act(r, &act);
        r->after = acted;
    } else if (r->answer == NULL && (reader = request_reader(r)) != NULL) {
        answer_page(r, reader->db, why, why == unread ? 422 : 403);
    }
    sodium_memzero(act.token, sizeof act.token);
}
