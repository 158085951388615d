/* SPDX-License-Identifier: Apache-2.0
 *
 * A request's way through libmicrohttpd, which calls `handle` again and again: with the
 * head, with pieces of the body, behind its end, and after it was resumed. An answer is
 * never queued in the first of these calls unless the connection is to be closed. */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "http_in.h"
#include "say.h"
#include "tls.h"

#define BODIES_MAX (64U * 1024U * 1024U) /* of all that are being read */
#define TLS_VERSIONS "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define IGNORED_MAX (4U * 1024U * 1024U) /* of one that is too long */

/* A part of its handling, with a connection to read by if it wants one. */
static void call(struct request *r, void (*part)(struct request *r))
{
    part(r);
    if (r->reads) {
        readers_give(&r->server->readers, &r->reader);
        r->reads = false;
    }
}

/* ---- the head -------------------------------------------------------------------- */

static void no_route(struct request *r, const char *allowed)
{
    if (allowed[0] == '\0') {
        answer_problem(r, 404, NULL, "there is nothing here");
        return;
    }
    answer_problem(r, 405, NULL, "%s is not for this path: %s", r->method, allowed);
    answer_header(r, "Allow", allowed);
}

static bool within_rate(struct request *r)
{
    enum route_scope scope = r->route->scope;

    return scope == ROUTE_OPEN || scope == ROUTE_DEMO || request_may(r, 1);
}

static const char *header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* A body of which nobody here knows where it ends. */
static bool is_endless(const struct request *r)
{
    const char *how = header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING);

    return how != NULL && strcasecmp(how, "chunked") != 0;
}

static void look_at_head(struct request *r)
{
    char allowed[80];

    r->route = route_find(r->method, r->path, r->argument, allowed, sizeof allowed);
    if (r->server->closing) {
        answer_problem(r, 503, NULL, "this server is going away");
    } else if (is_endless(r)) {
        answer_problem(r, 501, NULL, "there is no such transfer encoding here");
    } else if (r->route == NULL) {
        no_route(r, allowed);
    } else if (r->route->scope == ROUTE_DEMO && !r->server->set.demo) {
        answer_problem(r, 404, NULL, "this is no demonstration");
    } else if (r->body_claimed > r->route->body_max) {
        answer_problem(r, 413, NULL, "the body is longer than %zu bytes",
                       r->route->body_max);
    } else if (within_rate(r)) {
        auth_check(r);
    }
}

static size_t claimed_length(struct request *r)
{
    const char *text = header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

/* The first call. What is refused with a body to come is refused at once, and the
 * connection with it: nobody wants to read that. */
static enum MHD_Result begin(struct request *r, const char *path, const char *method)
{
    r->path = path;
    r->method = method;
    r->state = REQUEST_READING;
    r->body_claimed = claimed_length(r);
    request_relay(r);
    call(r, look_at_head);
    if (r->answer != NULL && (r->body_claimed > 0 || is_endless(r))) {
        return request_send(r);
    }
    return MHD_YES;
}

/* ---- the body -------------------------------------------------------------------- */

static bool make_room(struct request *r, size_t len)
{
    size_t wanted = r->body_len + len + 1;

    if (wanted <= r->body_room) {
        return true;
    }
    size_t room = r->body_claimed + 1 >= wanted ? r->body_claimed + 1 : wanted * 2;
    size_t more = room - r->body_room;
    if (atomic_fetch_add(&r->server->body_bytes, more) + more > BODIES_MAX) {
        atomic_fetch_sub(&r->server->body_bytes, more);
        return false;
    }
    r->body_room = room;
    char *body = realloc(r->body, room);
    if (body == NULL) {
        return false;
    }
    r->body = body;
    return true;
}

static enum MHD_Result take_body(struct request *r, const char *data, size_t len)
{
    r->body_seen += len;
    if (r->answer != NULL) { /* it is refused already */
        return r->body_seen <= IGNORED_MAX ? MHD_YES : MHD_NO;
    }
    if (r->body_len + len > r->route->body_max) {
        answer_problem(r, 413, NULL, "the body is longer than %zu bytes",
                       r->route->body_max);
        return MHD_YES;
    }
    if (!make_room(r, len)) {
        answer_problem(r, 503, NULL, "too many bodies at once");
        return MHD_YES;
    }
    memcpy(r->body + r->body_len, data, len);
    r->body_len += len;
    r->body[r->body_len] = '\0';
    return MHD_YES;
}

/* ---- asking, waiting, answering -------------------------------------------------- */

static void end_of_job(struct job *j, enum job_end how, const char *why)
{
    struct request *r = (struct request *)j;

    if (how == JOB_LOST) {
        answer_problem(r, 503, NULL, "it could not be stored: %s", why);
    } else if (r->answer == NULL || why[0] != '\0') {
        say("error", "%s %s: %s", r->method, r->path, why);
        answer_problem(r, 500, NULL, "it could not be done: %s", why);
    }
    r->state = REQUEST_ANSWERED;
    MHD_resume_connection(r->connection);
}

/* From the suspension on it may be resumed, even before it is posted here. */
static void wait_for_writer(struct request *r)
{
    if (r->job.end == NULL) {
        r->job.end = end_of_job;
    }
    r->state = REQUEST_WAITING;
    MHD_suspend_connection(r->connection);
    if (!writer_post(r->server->writer, &r->job)) {
        atomic_fetch_add(&r->server->metrics.busy, 1);
        answer_problem(r, 503, NULL, "too many requests wait to be stored");
        r->state = REQUEST_ANSWERED;
        MHD_resume_connection(r->connection);
    }
}

static enum MHD_Result ask(struct request *r)
{
    call(r, r->route->ask);
    if (r->answer == NULL && r->job.apply != NULL) {
        wait_for_writer(r);
        return MHD_YES;
    }
    return request_send(r);
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection,
                              const char *path, const char *method, const char *version,
                              const char *data, size_t *len, void **own)
{
    struct request *r = *own;
    size_t had = *len;
    (void)ctx;
    (void)version;

    if (r == NULL) {
        return MHD_NO;
    }
    r->connection = connection;
    switch (r->state) {
    case REQUEST_NEW:
        return begin(r, path, method);
    case REQUEST_READING:
        *len = 0;
        if (had > 0) {
            return take_body(r, data, had);
        }
        return r->answer != NULL ? request_send(r) : ask(r);
    case REQUEST_WAITING: /* not resumed yet */
        return MHD_YES;
    case REQUEST_ANSWERED:
        if (r->after != NULL) {
            call(r, r->after);
        }
        return request_send(r);
    }
    return MHD_NO;
}

/* ---- listening ------------------------------------------------------------------- */

static void complain(void *ctx, const char *text, va_list list)
{
    char line[300];
    (void)ctx;

    vsnprintf(line, sizeof line, text, list);
    line[strcspn(line, "\n")] = '\0';
    say("warning", "http: %s", line);
}

static struct MHD_Daemon *listen_on(struct server *s, const struct listen_at *at,
                                    bool encrypted)
{
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_ERROR_LOG | (encrypted ? MHD_USE_TLS : 0) |
                           (at->is_v6 ? MHD_USE_IPv6 : 0);
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)tls_show},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_VERSIONS},
        {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

    return MHD_start_daemon(
        flags, 0, NULL, NULL, handle, s, MHD_OPTION_EXTERNAL_LOGGER, complain, NULL,
        MHD_OPTION_SOCK_ADDR, &at->address, MHD_OPTION_URI_LOG_CALLBACK, request_new, s,
        MHD_OPTION_NOTIFY_COMPLETED, request_end, NULL, MHD_OPTION_CONNECTION_LIMIT,
        HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, HTTP_PATIENCE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_MAX,
        MHD_OPTION_THREAD_POOL_SIZE, s->set.threads, MHD_OPTION_LISTEN_BACKLOG_SIZE,
        1024U, MHD_OPTION_ARRAY, encrypted ? tls : none, MHD_OPTION_END);
}

static bool can_encrypt(char *why, size_t cap)
{
    bool can = MHD_is_feature_supported(MHD_FEATURE_HTTPS_CERT_CALLBACK) == MHD_YES;

    if (!can) {
        snprintf(why, cap, "this libmicrohttpd has no TLS");
    }
    return can;
}

bool http_start(struct server *s, char *why, size_t cap)
{
    bool encrypted = settings_tls(&s->set);
    struct listen_at at;

    if (!listen_at_read(&s->set, &at, why, cap) ||
        (encrypted && (!can_encrypt(why, cap) || !tls_read(&s->set, why, cap)))) {
        return false;
    }
    s->http = listen_on(s, &at, encrypted);
    if (s->http == NULL) {
        snprintf(why, cap, "cannot listen on %s", s->set.listen);
    }
    return s->http != NULL;
}
