/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request is answered with: JSON, text, a file's part, or a problem (RFC 9457).
 * Knows HTTP's forms; not what is in them. */
#ifndef FERRY_FLEET_ANSWER_H
#define FERRY_FLEET_ANSWER_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_WHY_MAX 400U

struct request;

/* Each replaces the answer that was there. `json` and `text` become the answer's. */
void answer_json(struct request *r, unsigned status, json_t *json);
void answer_text(struct request *r, unsigned status, const char *type, char *text,
                 size_t len);
void answer_static(struct request *r, unsigned status, const char *type,
                   const char *text, size_t len);
void answer_empty(struct request *r, unsigned status);
/* Takes the file's descriptor. */
void answer_file(struct request *r, unsigned status, const char *type, int fd,
                 uint64_t from, uint64_t len);

/* {"type", "title", "status", "detail", "instance", "where"}; `where`: a JSON pointer, or
 * NULL. 401, 429 and 503 get the headers that belong to them. */
void answer_problem(struct request *r, unsigned status, const char *where,
                    const char *why, ...) __attribute__((format(printf, 4, 5)));

void answer_header(struct request *r, const char *name, const char *value);

/* Was there one? Frees it. */
void answer_drop(struct request *r);

#endif
