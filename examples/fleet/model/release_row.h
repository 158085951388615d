/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases as offers want them: whom one is for, which artifacts there are for a device,
 * and whether a device runs what was published. Reads `releases`; never writes it. */
#ifndef FERRY_FLEET_RELEASE_ROW_H
#define FERRY_FLEET_RELEASE_ROW_H

#include <jansson.h>

#include "../db/db.h"
#include "../rollout/cohort.h"
#include "state.h"

#define RELEASE_PASS_MAX 64U /* of one class that must be passed through */

struct release_row {
    int64_t no;
    struct cohort_release is;
    bool withdrawn;
};

/* False: there is none such. */
bool release_named(struct db *db, const uint8_t class_id[16], uint32_t version,
                   struct release_row *r);
bool release_numbered(struct db *db, int64_t no, struct release_row *r);

/* The one that this device takes next on its way to `version`: `version` itself, or one
 * that must be passed through before. False: there is none, or it is withdrawn. */
bool release_next(struct db *db, const struct cohort_device *d, uint32_t version,
                  struct release_row *r);

/* Of its artifacts those for this hardware revision, all banks, as an offer names them:
 * [{"link", "hw_min", "hw_max", "size", "sha256", "url"}]. The caller's reference. */
json_t *release_artifacts(struct db *db, int64_t no, uint32_t hw_rev);

/* Is one of its artifacts what devices name by this digest? */
bool release_is_code(struct db *db, int64_t no, const uint8_t digest[STATE_DIGEST_LEN]);

#endif
