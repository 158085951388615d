/* SPDX-License-Identifier: Apache-2.0
 *
 * What the views share: how times, numbers and bytes are spelled in JSON. */
#ifndef FERRY_FLEET_VIEW_IN_H
#define FERRY_FLEET_VIEW_IN_H

#include "view.h"

#define VIEW_VERSION_TEXT 14U /* "255.255.65535", with its end */

/* Text of the database's, whatever is in it: what is no UTF-8 becomes '?'. */
json_t *as_text(const char *text);
/* null where there are no bytes. */
json_t *as_hex(const uint8_t *bytes, size_t len);
json_t *as_hex_column(const struct db_query *q, unsigned column);
/* Times and hours; null for those before 1, which never were. */
json_t *as_time(int64_t at);
json_t *as_hour(int64_t hour);
json_t *as_version(int64_t version);
/* JSON that stands in the database; null if it is none. */
json_t *as_json(const char *text);

/* Rows of a list: {name: rows, "next": n}, where rows come with their "seq", latest
 * first, and one more than VIEW_PAGE of them means that there is a next page. */
json_t *view_list(const char *name, json_t *rows);

/* The answer to one question of one number, 0 if there is none. */
int64_t view_count(struct db_query *q);

/* {name: count} of a query for names and counts. */
json_t *view_counts(struct db_query *q);

const char *view_outcome_name(int64_t outcome);

/* An event of the log: what it is called, and what of its body people want to read; of
 * a statement, what the device says. */
const char *view_event_name(int64_t kind);
json_t *view_event_body(int64_t kind, const uint8_t *body, size_t len);

/* `answer`, or NULL, and it is let go, if the database failed on the way. */
json_t *view_end(const struct db *db, json_t *answer);

#endif
