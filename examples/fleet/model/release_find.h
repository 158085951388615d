/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds releases by what phones and operators name them by: an artifact's hash, a number.
 * Knows the table; changes nothing. */
#ifndef FERRY_FLEET_RELEASE_FIND_H
#define FERRY_FLEET_RELEASE_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "../db/db.h"

enum release_found { RELEASE_NONE, RELEASE_WITHDRAWN, RELEASE_THERE };

/* Whose artifact is it? There are some tens of releases, so all are looked through. */
enum release_found release_of_artifact(struct db *db, const uint8_t sha256[32]);

/* False: there is no release with this number. */
bool release_by_no(struct db *db, int64_t no, uint8_t class_id[16], uint32_t *version);

#endif
