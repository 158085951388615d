/* SPDX-License-Identifier: Apache-2.0
 *
 * A device as a text file describes it: who it is, what it runs, what it would refuse.
 * `ferry verify --help` has the keys. Functions that return int return an exit code and
 * have said why. */
#ifndef FERRY_TOOL_DESCRIBED_H
#define FERRY_TOOL_DESCRIBED_H

#include "artifact.h"
#include "map.h"

/* Must stay where it is: the identity points to the keys. */
struct described {
    const char *path;
    struct ferry_key keys[FERRY_KEY_SLOTS]; /* the caller's affair */
    struct ferry_identity identity;
    struct ferry_boot_state now;
    struct board board;
    char *map_path; /* of `board`; freed in the end */
};

int described_load(struct described *d, const char *path);
/* Would it take `a`, which is checked? */
int described_judge(const struct described *d, struct artifact *a);
/* Harmless on a zeroed struct. */
void described_free(struct described *d);

#endif
