/* SPDX-License-Identifier: Apache-2.0
 *
 * Named values out of an operator's JSON, each held to what it may be; what is wrong is
 * said with its place. Knows JSON's kinds, and nothing of what is read. */
#ifndef FERRY_FLEET_FIELDS_H
#define FERRY_FLEET_FIELDS_H

#include "event.h"

/* Where reading is, as a JSON pointer, and what was found wrong first. */
struct fields {
    struct outcome *o;
    char pointer[64];
};
struct fields fields_below(const struct fields *at, const char *name);

/* False, always: the value of this name is wrong (422). */
bool fields_wrong(const struct fields *at, const char *name, const char *why);

/* It is an object, and every name in it is among these. */
bool fields_only(const struct fields *at, const json_t *object,
                 const char *const *names, size_t len);

/* Each leaves *to as it is where the name is missing, and is false where its value is not
 * what it may be. */
bool fields_number(const struct fields *at, const json_t *object, const char *name,
                   double min, double max, double *to);
bool fields_whole(const struct fields *at, const json_t *object, const char *name,
                  int64_t max, int64_t *to);
bool fields_bool(const struct fields *at, const json_t *object, const char *name,
                 bool *to);
bool fields_hex(const struct fields *at, const json_t *object, const char *name,
                uint8_t to[16]);

/* A text of 1 to 200 bytes, borrowed; missing is wrong. */
bool fields_text(const struct fields *at, const json_t *object, const char *name,
                 const char **to);

#endif
