/* SPDX-License-Identifier: Apache-2.0
 *
 * An event's body that is a JSON object, member by member. What is wrong first is told,
 * with its JSON pointer, and sticks: a part reads all that it wants and asks once. For what
 * may be missing, and for objects within objects, there is fields.h. */
#ifndef FERRY_FLEET_BODY_H
#define FERRY_FLEET_BODY_H

#include "event.h"

struct body {
    json_t *json; /* NULL: it was no object */
    struct outcome *o;
};

/* 400 if it is no JSON object. Close it in any case. */
bool body_open(struct body *b, const void *bytes, size_t len, struct outcome *o);
void body_close(struct body *b);
bool body_good(const struct body *b);

/* A member that must be there; 422 if it will not do. */
int64_t body_number(struct body *b, const char *name, int64_t min, int64_t max);
const char *body_text(struct body *b, const char *name, size_t max); /* "" if wrong */
void body_id(struct body *b, const char *name, uint8_t id[16]);
uint32_t body_version(struct body *b, const char *name);

bool body_has(const struct body *b, const char *name);

/* All of it in one way of writing, to be freed; NULL: no memory, and `o` says so. */
char *body_again(struct body *b);

#endif
