/* SPDX-License-Identifier: Apache-2.0
 *
 * What browsers send: names and values, in a query or as the body of a form
 * (application/x-www-form-urlencoded). Knows the encoding; not what is in them. */
#ifndef FERRY_FLEET_FORM_H
#define FERRY_FLEET_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of the first `name`, decoded; what is behind a NUL or a bad escape is none
 * of it. False: there is no such name, or it does not fit; `to` is "" then. */
bool form_text(const char *form, size_t len, const char *name, char *to, size_t cap);

/* The same as a number of decimal digits from 0 on; -1: there is none. */
int64_t form_number(const char *form, size_t len, const char *name);

#endif
