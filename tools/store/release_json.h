/* SPDX-License-Identifier: Apache-2.0
 *
 * The two records of a release, as JSON. Knows their members; reads strictly what it
 * knows, and ignores members that it does not. */
#ifndef FERRY_RELEASE_JSON_H
#define FERRY_RELEASE_JSON_H

#include "release.h"

#define RELEASE_JSON_MAX 65536U

/* To be freed; NULL if there is no memory. */
char *release_to_json(const struct release *r);
char *withdrawal_to_json(const struct release *r);

/* False: `why` says why; what was read so far is in `r`. */
bool release_from_json(const uint8_t *json, size_t len, struct release *r, char *why,
                       size_t cap);
bool withdrawal_from_json(const uint8_t *json, size_t len, struct release *r, char *why,
                          size_t cap);

#endif
