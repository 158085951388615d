/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be seen, as the views tell it. Each answer is of one moment: its reader's
 * transaction. */
#include <stdio.h>
#include <string.h>

#include "../view/view.h"
#include "request.h"
#include "routes.h"

void look_nothing(struct request *r, const struct db *db)
{
    if (db_failed(db)) {
        answer_problem(r, 503, NULL, "the database failed: %s", db_why(db));
    } else {
        answer_problem(r, 404, NULL, "there is none such");
    }
}

static void answer_view(struct request *r, const struct db *db, json_t *told)
{
    if (told != NULL) {
        answer_json(r, 200, told);
        answer_header(r, "Cache-Control", "no-store");
    } else {
        look_nothing(r, db);
    }
}

static void look(struct request *r, json_t *(*view)(struct db *db))
{
    const struct reader *reader = request_reader(r);

    if (reader != NULL) {
        answer_view(r, reader->db, view(reader->db));
    }
}

/* A list, page by page. */
static void look_before(struct request *r, json_t *(*view)(struct db *db, int64_t))
{
    int64_t before;
    const struct reader *reader = request_reader(r);

    if (reader != NULL && request_number(r, "before", 0, INT64_MAX, 0, &before)) {
        answer_view(r, reader->db, view(reader->db, before));
    }
}

void look_releases(struct request *r)
{
    look(r, view_releases);
}

void look_security(struct request *r)
{
    look_before(r, view_security);
}

void look_reports(struct request *r)
{
    look_before(r, view_reports);
}

void look_audit(struct request *r)
{
    look_before(r, view_audit);
}

void look_rollouts(struct request *r)
{
    const struct reader *reader = request_reader(r);

    if (reader != NULL) {
        answer_view(r, reader->db,
                    view_rollouts(reader->db, fleet_clock_now(&r->server->clock)));
    }
}

void look_rollout(struct request *r)
{
    int64_t no;
    const struct reader *reader = request_no(r, &no) ? request_reader(r) : NULL;

    if (reader != NULL) {
        answer_view(r, reader->db,
                    view_rollout(reader->db, no, fleet_clock_now(&r->server->clock)));
    }
}

/* So many hexadecimal digits, at most. */
static bool is_id(struct request *r, const char *text, size_t max)
{
    size_t len = strlen(text);

    if (len <= max && strspn(text, "0123456789abcdefABCDEF") == len) {
        return true;
    }
    answer_problem(r, 400, "id", "an id has %zu hexadecimal digits", max);
    return false;
}

void look_devices(struct request *r)
{
    const char *prefix = request_parameter(r, "id");
    const struct reader *reader;

    prefix = prefix != NULL ? prefix : "";
    if (is_id(r, prefix, 32) && (reader = request_reader(r)) != NULL) {
        answer_view(r, reader->db, view_devices(reader->db, prefix));
    }
}

void look_history(struct request *r)
{
    const struct reader *reader;

    if (is_id(r, r->argument, 32) && (reader = request_reader(r)) != NULL) {
        answer_view(r, reader->db, view_device(reader->db, r->argument));
    }
}

/* ---- the server itself ----------------------------------------------------------- */

void look_metrics(struct request *r)
{
    struct reader *reader = request_reader(r);
    size_t len = 0;

    if (reader != NULL) {
        char *text = metrics_text(r->server, reader, &len);
        if (text != NULL) {
            answer_text(r, 200, "text/plain; version=0.0.4; charset=utf-8", text, len);
        }
    }
}

void look_healthz(struct request *r)
{
    struct writer_state w;

    writer_state(r->server->writer, &w);
    if (w.healthy) {
        answer_json(r, 200, json_pack("{s:s}", "status", "ok"));
        answer_header(r, "Cache-Control", "no-store");
    } else {
        answer_problem(r, 503, NULL, "the last thing that came could not be stored");
    }
}

extern const char openapi_json[];
extern const unsigned openapi_json_len;

void look_openapi(struct request *r)
{
    answer_static(r, 200, "application/json", openapi_json, openapi_json_len);
}
