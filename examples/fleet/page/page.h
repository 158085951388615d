/* SPDX-License-Identifier: Apache-2.0
 *
 * The page, for people: what the views tell, as HTML that needs no script, and forms
 * for acts. A page is a function of what is asked and the database; who asks, and
 * whether they may, is the server's business.
 *
 * Reading wants a token with the scope "read", from a cookie (POST /sign-in sets it:
 * HttpOnly, SameSite=Strict) or none at all where the server is open. An act wants a
 * token with the scope "operate", typed into its form each time: nothing that a browser
 * sends by itself is enough to change anything, so there is nothing to forge across
 * sites. */
#ifndef FERRY_FLEET_PAGE_H
#define FERRY_FLEET_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../db/db.h"

/* Headers of every page: no script, no frame, nothing from elsewhere. */
#define PAGE_TYPE "text/html; charset=utf-8"
#define PAGE_POLICY                                                                    \
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "                   \
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

struct page_ask {
    const char *path;  /* "/rollouts/3", decoded */
    const char *query; /* what stands behind '?', as it was sent; NULL: nothing */
    const char *who;   /* name of the token that reads; "": nobody is signed in */
    const char *wrong; /* why an act or a sign-in was refused; NULL: it was not */
    int64_t now;       /* seconds of fleet time */
};

struct page_answer {
    unsigned status; /* 200, 404, or 500 when the database fails */
    char *html;      /* the caller's to free; NULL if there is no memory */
    size_t len;
};

/* Is it one of these pages? All but /sign-in want the scope "read". */
bool page_has(const char *path);

/* `db` is a reader inside a transaction; /sign-in needs none. */
void page_make(struct db *db, const struct page_ask *ask, struct page_answer *a);

/* ---- forms ----------------------------------------------------------------------- */

#define PAGE_REASON_MAX 400U
#define PAGE_TOKEN_MAX 100U
#define PAGE_FORM_MAX 4096U /* of a body; a longer one is none of ours */

/* A POST to /rollouts/N/ACT, the path of its own confirmation page. When it is done,
 * send 303 to /rollouts/N; when it is refused, make the page of the same path with
 * `wrong` and the refusal's status. */
struct page_act {
    int64_t rollout;
    char act[16]; /* open, advance, freeze, resume, cancel, finish, waive, rollback */
    char reason[PAGE_REASON_MAX + 1];
    char token[PAGE_TOKEN_MAX + 1];
    int64_t hw_rev;   /* waive: which; -1: none was given */
    char version[15]; /* rollback: to which release; "" if none was given */
};
/* False: it is none, and `why` is what to say about it. */
bool page_act_read(const char *path, const char *body, size_t len, struct page_act *act,
                   char *why, size_t cap);

/* A POST to /sign-in: the token that was typed. When it holds, send 303 to / with the
 * cookie; else make the page of /sign-in with `wrong`. "" signs out. */
bool page_sign_in_read(const char *body, size_t len, char token[PAGE_TOKEN_MAX + 1]);

#endif
