/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of fleet health ask of a unit: is it watched, may it be asked, is it
 * active, is it of a cell. Knows one unit and an hour, and nothing of arms. */
#ifndef FERRY_FLEET_HEALTH_IN_H
#define FERRY_FLEET_HEALTH_IN_H

#include "health.h"

#define ACTIVE_H 24 /* a unit is active if it showed life so recently */

/* It was offered something, or would have been, and has not left. */
static inline bool is_here(const struct health_unit *u, int32_t now)
{
    return u->began <= now && (u->left < 0 || u->left > now);
}

/* It takes part in the activity test; what is counted there is that it is not active. */
static inline bool is_asked(const struct health_unit *u, int32_t now)
{
    return u->known && now - u->began >= ACTIVE_H;
}
static inline bool is_inactive(const struct health_unit *u, int32_t now)
{
    return now - u->seen >= ACTIVE_H;
}

static inline bool in_cell(const struct health_unit *u, unsigned cell)
{
    return cell == 0 ||
           health_cell_of((enum health_facet)((cell - 1) / HEALTH_VALUES_MAX),
                          u->value[(cell - 1) / HEALTH_VALUES_MAX]) == cell;
}

#endif
