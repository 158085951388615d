/* SPDX-License-Identifier: Apache-2.0
 *
 * The few facts of this installation that are no events: the nonces' secret, the clock's
 * base. They are in no log and follow from none. */
#ifndef FERRY_FLEET_META_H
#define FERRY_FLEET_META_H

#include <stddef.h>

#include "../db/db.h"

/* Bytes of the value, at most `cap`; 0: there is none such. */
size_t meta_get(struct db *db, const char *name, void *to, size_t cap);
/* Inside a writer's transaction. */
void meta_put(struct db *db, const char *name, const void *value, size_t len);

#endif
