/* SPDX-License-Identifier: Apache-2.0
 *
 * An event's body that is a JSON object, member by member. What is wrong first is told,
 * with its JSON pointer, and sticks: a part reads all that it wants and asks once. Knows
 * JSON's kinds, and nothing of what is read. */
#ifndef FERRY_FLEET_BODY_H
#define FERRY_FLEET_BODY_H

#include "event.h"

struct body {
    json_t *json; /* NULL: it was no object */
    struct outcome *o;
    char at[64]; /* where it is in the whole, as a JSON pointer */
};

/* 400 if it is no JSON object. Close it in any case. */
bool body_open(struct body *b, const void *bytes, size_t len, struct outcome *o);
void body_close(struct body *b);

/* JSON that somebody else closes, and one that stands in a body's ("stages/0"); 422 if it
 * is no object. */
struct body body_of(const json_t *json, struct outcome *o);
struct body body_below(const struct body *above, const char *name, const json_t *json);

bool body_good(const struct body *b);
/* The value of this name will not do (422), for this reason. */
void body_wrong(const struct body *b, const char *name, const char *why);

/* Every name in it must be among these. */
void body_only(const struct body *b, const char *const *names, size_t len);
bool body_has(const struct body *b, const char *name);

/* A member that must be there; 422 if it will not do. Then it is read as `min`, "", zeroes,
 * or version 0. */
int64_t body_number(const struct body *b, const char *name, int64_t min, int64_t max);
double body_real(const struct body *b, const char *name, double min, double max);
const char *body_text(const struct body *b, const char *name, size_t min, size_t max);
void body_id(const struct body *b, const char *name, uint8_t id[16]);
uint32_t body_version(const struct body *b, const char *name);

/* One that may be missing: false. */
bool body_bool(const struct body *b, const char *name);

/* All of it in one way of writing, to be freed; NULL: no memory, and `o` says so. */
char *body_again(const struct body *b);

#endif
