/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases that the server may roll out: taken over from the artifact store, each one's
 * record held against the signed manifests of its artifacts. Knows both, and the table;
 * not to whom they go. */
#ifndef FERRY_FLEET_RELEASES_H
#define FERRY_FLEET_RELEASES_H

#include "event.h"
#include "release.h"

/* The body of the event that takes over this release, to be freed. NULL: `o` says why: it
 * is not in the store (404), or its record says otherwise than its manifests (422). Needs
 * no transaction. `pass`: devices below it must take it on their way. */
char *release_body(struct store *s, const uint8_t class_id[16], uint32_t version,
                   bool pass, struct outcome *o);

/* The record of the database's release, with `withdrawn`; its number, or 0 if there is
 * none. */
int64_t release_load(struct db *db, const uint8_t class_id[16], uint32_t version,
                     struct release *r);

#endif
