/* SPDX-License-Identifier: Apache-2.0
 *
 * What one artifact says otherwise than another, for people or as JSON. */
#ifndef FERRY_TOOL_CHANGES_H
#define FERRY_TOOL_CHANGES_H

#include "artifact.h"
#include "view.h"

/* Both are parsed. */
void changes_show(struct view *v, const struct artifact *old,
                  const struct artifact *new);

#endif
