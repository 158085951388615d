/* SPDX-License-Identifier: Apache-2.0
 *
 * Where each field of the frozen structs lies, under the name that documents give it. */
#ifndef FERRY_TEST_PLACES_H
#define FERRY_TEST_PLACES_H

#include "doc.h"

struct place {
    const char *name;
    size_t at, size;
    bool elsewhere; /* what stands there is a pointer to `size` bytes */
};

#define PLACES_BOOT 20U
#define PLACES_APP 15U
#define PLACES_HANDOFF 10U
#define PLACES_IDENTITY 4U /* keys apart */
#define PLACES_MAP 11U
#define PLACES_MANIFEST 10U /* those that every manifest has */
#define PLACES_STATEMENT 23U
extern const struct place places_boot[PLACES_BOOT];
extern const struct place places_app[PLACES_APP];
extern const struct place places_handoff[PLACES_HANDOFF];
extern const struct place places_identity[PLACES_IDENTITY];
extern const struct place places_map[PLACES_MAP];
extern const struct place places_manifest[PLACES_MANIFEST];
extern const struct place places_statement[PLACES_STATEMENT];

/* Its bytes; as a number on little-endian machines only. */
const uint8_t *place_bytes(const struct place *p, const void *of);
uint32_t place_number(const struct place *p, const void *of);
/* Every field of the struct `of` is what the vector says. */
void places_expect(const struct place *place, size_t places, const void *of,
                   const struct doc_vector *v);

#endif
