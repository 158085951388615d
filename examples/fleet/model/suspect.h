/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device's own signed words tell of attacks: code it was not offered, code that
 * nobody published, manifests it refused. Knows two states of one device, before and
 * after a statement; writes security events and nothing else. */
#ifndef FERRY_FLEET_SUSPECT_H
#define FERRY_FLEET_SUSPECT_H

#include "security.h"
#include "state.h"

void suspect_look(struct db *db, const struct state *before, const struct state *now,
                  const struct ferry_statement *says, int64_t at);

/* One event about this device. `body`: JSON, or "". */
void suspect_note(struct db *db, const struct state *s, enum security_kind kind,
                  int64_t times, const char *body, int64_t at);

#endif
