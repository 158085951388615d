/* SPDX-License-Identifier: Apache-2.0
 *
 * How the golden device came into its states: one life, with its turns and accidents.
 * Only for make.c. */
#ifndef FERRY_GOLDEN_LIFE_H
#define FERRY_GOLDEN_LIFE_H

#include "rig.h"

/* What make.c does with what it is shown. */
struct life_witness {
    /* `reset`: what comes next. `newer`: bank 0 holds next.ferry, not factory.ferry. */
    void (*state)(const char *name, struct rig *r, enum ferry_reset reset, bool newer);
    void (*file)(const char *name, const void *bytes, size_t len);
    void (*step)(const struct rig *r, const struct rig_step *s);
    void (*statement)(const uint8_t *envelope, size_t len);
};

/* Identity block, artifacts and all that follows from them. False: something went other
 * than it should. */
bool life(const struct life_witness *w);

#endif
