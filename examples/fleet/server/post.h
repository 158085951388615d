/* SPDX-License-Identifier: Apache-2.0
 *
 * A request that is an event: its body goes to the writer, the outcome becomes the
 * answer. */
#ifndef FERRY_FLEET_POST_H
#define FERRY_FLEET_POST_H

#include "../model/event.h"
#include "request.h"

/* `body` becomes the event's, and is freed. The answer is the outcome's, {"done": true}
 * where it has none. */
void post_event(struct request *r, enum event_kind kind, char *body, size_t len);
void post_json(struct request *r, enum event_kind kind, json_t *body);

/* One event in the writer's transaction, by whom `r` is from. False: the answer (a
 * problem) is there, and the job is to be taken back. */
bool post_apply(struct request *r, struct db *db, int64_t now, enum event_kind kind,
                const void *body, size_t len, struct outcome *o);

/* The answer to what was done. */
void post_answer(struct request *r, struct outcome *o);

#endif
