/* SPDX-License-Identifier: Apache-2.0
 *
 * A fleet painted into an empty database, row by row and not by events: rollouts that
 * were simulated, one of them frozen, and every kind of thing that views and pages show,
 * with names as hostile as names can be. */
#ifndef FERRY_TEST_FLEET_PAINT_H
#define FERRY_TEST_FLEET_PAINT_H

#include "db.h"

#define PAINT_NOW 1764158400 /* 2025-11-26T12:00:00Z */
#define PAINT_HOSTILE "</b><script>document.title='owned'</script>\"'&"

/* Rollouts it paints. */
enum paint_rollout {
    PAINT_DONE = 1,
    PAINT_FROZEN,
    PAINT_URGENT,
    PAINT_OPEN,
    PAINT_DRAFT
};

/* A device of the frozen rollout that fell silent. */
#define PAINT_DEVICE "a0000000000000000000000000000003"

/* False: the database says why. */
bool paint_fleet(struct db *db);

#endif
