/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's verdict on an artifact, in words: which rule of policy.c it breaks, and
 * by how much. */
#ifndef FERRY_TOOL_VERDICT_H
#define FERRY_TOOL_VERDICT_H

#include "artifact.h"
#include "map.h"
#include "policy.h"

/* Asks the engine about `a`, which is parsed, for the bank that does not run. Returns an
 * exit code; with REFUSED, the line is said. */
int verdict(struct artifact *a, const struct ferry_policy *device,
            const struct board *board);

#endif
