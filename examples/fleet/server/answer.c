/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers as libmicrohttpd wants them. An answer is made where it is known, in the
 * writer's thread or in one of HTTP's, and sent by the latter. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

#define RETRY_S "2" /* the queue is empty in less, if it was only a crowd */

void answer_drop(struct request *r)
{
    if (r->answer != NULL) {
        MHD_destroy_response(r->answer);
        r->answer = NULL;
    }
}

static void set(struct request *r, unsigned status, const char *type,
                struct MHD_Response *answer)
{
    answer_drop(r);
    r->answer = answer;
    r->status = status;
    if (type != NULL) {
        answer_header(r, "Content-Type", type);
    }
    answer_header(r, "X-Content-Type-Options", "nosniff");
}

void answer_header(struct request *r, const char *name, const char *value)
{
    if (r->answer != NULL) {
        MHD_add_response_header(r->answer, name, value);
    }
}

void answer_text(struct request *r, unsigned status, const char *type, char *text,
                 size_t len)
{
    set(r, status, type,
        MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE));
}

void answer_static(struct request *r, unsigned status, const char *type,
                   const char *text, size_t len)
{
    set(r, status, type,
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)text,
                                        MHD_RESPMEM_PERSISTENT));
}

void answer_empty(struct request *r, unsigned status)
{
    answer_static(r, status, NULL, "", 0);
}

void answer_file(struct request *r, unsigned status, const char *type, int fd,
                 uint64_t from, uint64_t len)
{
    set(r, status, type, MHD_create_response_from_fd_at_offset64(len, fd, from));
}

static void put_json(struct request *r, unsigned status, const char *type, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

    json_decref(json);
    if (text != NULL) {
        answer_text(r, status, type, text, strlen(text));
    } else {
        answer_static(r, 500, "text/plain", "no memory\n", 10);
    }
}

void answer_json(struct request *r, unsigned status, json_t *json)
{
    put_json(r, status, "application/json", json);
}

void answer_problem(struct request *r, unsigned status, const char *where,
                    const char *why, ...)
{
    va_list list;

    va_start(list, why);
    vsnprintf(r->why, sizeof r->why, why, list);
    va_end(list);
    /* What was sent may be no UTF-8: then the pieces that quote it are left out. */
    json_t *said = json_string(r->why), *at = json_string(r->path);
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:o, s:o}", "type", "about:blank", "title",
                  MHD_get_reason_phrase_for(status), "status", (int)status, "detail",
                  said != NULL ? said : json_string("what was sent is not UTF-8"),
                  "instance", at != NULL ? at : json_string(""));
    if (json != NULL && where != NULL && where[0] != '\0') {
        json_object_set_new(json, "where", json_string(where));
    }
    put_json(r, status, "application/problem+json", json);
    answer_header(r, "Cache-Control", "no-store");
    if (status == MHD_HTTP_UNAUTHORIZED) {
        answer_header(r, "WWW-Authenticate", "Bearer realm=\"ferryd\"");
    }
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE) {
        answer_header(r, "Retry-After", RETRY_S);
    }
}
