/* SPDX-License-Identifier: Apache-2.0
 *
 * What handlers ask of a request: its body, its parameters, a connection to read by. */
#include "request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct reader *request_reader(struct request *r)
{
    char why[DB_WHY_MAX];

    if (!r->reads) {
        r->reads = readers_take(&r->server->readers, &r->reader, why, sizeof why);
        if (!r->reads) {
            answer_problem(r, 503, NULL, "the database cannot be read: %s", why);
            return NULL;
        }
    }
    return &r->reader;
}

json_t *request_json(struct request *r)
{
    json_error_t error = {0};

    if (r->body_len == 0) {
        answer_problem(r, 400, NULL, "the body is empty: JSON is wanted");
        return NULL;
    }
    json_t *body = json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, &error);
    if (body == NULL) {
        answer_problem(r, 400, NULL, "the body is no JSON: line %d, column %d: %s",
                       error.line, error.column, error.text);
    } else if (!json_is_object(body)) {
        answer_problem(r, 422, "/", "the body must be a JSON object");
        json_decref(body);
        body = NULL;
    }
    return body;
}

const char *request_parameter(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

static bool number(const char *text, int64_t min, int64_t max, int64_t *to)
{
    char *end;

    errno = 0;
    int64_t n = strtoll(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n < min ||
        n > max) {
        return false;
    }
    *to = n;
    return true;
}

bool request_number(struct request *r, const char *name, int64_t min, int64_t max,
                    int64_t usual, int64_t *to)
{
    const char *text = request_parameter(r, name);

    *to = usual;
    if (text == NULL || number(text, min, max, to)) {
        return true;
    }
    answer_problem(r, 400, name,
                   "parameter %s is '%.40s': a number from %" PRId64 " to %" PRId64,
                   name, text, min, max);
    return false;
}

bool request_no(struct request *r, int64_t *no)
{
    if (number(r->argument, 1, INT64_MAX, no)) {
        return true;
    }
    answer_problem(r, 404, NULL, "'%s' is no number", r->argument);
    return false;
}
