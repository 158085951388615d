/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the identity block lies in flash: frozen, little-endian, CRC-32 at the end.
 * Does not know who reads it there. */
#include "bytes.h"
#include "crc.h"
#include "ferry/boot.h"

#include <string.h>

/* Where things stand in the block. */
enum {
    AT_HEAD = 0, /* "FRID", layout 1, length 624 */
    AT_IDS = 8,  /* class, device */
    AT_NUMBERS =
        40, /* of 4 bytes: hardware revision, capabilities, map, factory mark */
    AT_MAP = 48,
    AT_MARK = 92,
    AT_KEYS = 96, /* 8 slots of 65: algorithm, key */
    AT_SPARE = 616,
    AT_CRC = 620
};
#define FACTORY_MARK 0x4B4D4146UL /* "FAMK" */
#define HEAD_LEN 8U
static const uint8_t head[HEAD_LEN] = {'F', 'R', 'I', 'D', 1, 0, 0x70, 0x02};

/* What stands in the block as it stands in its struct: the ids, and the map's numbers,
 * byte order apart. */
#define IDS_LEN                                                                        \
    (sizeof(((struct ferry_identity *)0)->class_id) +                                  \
     sizeof(((struct ferry_identity *)0)->device_id))
#define MAP_NUMBERS (sizeof(struct ferry_map) / 4)
#define NUMBERS (2 + MAP_NUMBERS + 1) /* from AT_NUMBERS on */
_Static_assert(offsetof(struct ferry_identity, class_id) == 0 &&
                   offsetof(struct ferry_identity, device_id) == 16,
               "the ids begin it");
_Static_assert(AT_IDS + IDS_LEN == AT_NUMBERS && AT_MAP + 4 * MAP_NUMBERS == AT_MARK,
               "everything fills its place");
_Static_assert(sizeof(struct ferry_key) == 65, "a key slot is read in place");
_Static_assert(AT_KEYS + FERRY_KEY_SLOTS * 65 == AT_SPARE, "eight slots");
_Static_assert(AT_CRC + 4 == FERRY_IDENTITY_LEN, "the CRC ends it");

int ferry_identity_open(struct ferry_identity *id, struct ferry_map *map,
                        const uint8_t block[FERRY_IDENTITY_LEN])
{
    uint32_t n[NUMBERS];

    for (unsigned i = 0; i < NUMBERS; i++) {
        n[i] = ferry_le(block + AT_NUMBERS + 4 * i, 4);
    }
    ferry_copy(id, block + AT_IDS, IDS_LEN);
    id->hw_rev = n[0];
    id->boot_caps = n[1];
    ferry_copy(map, n + 2, sizeof *map);
    id->keys = (const struct ferry_key *)(const void *)(block + AT_KEYS);
    return memcmp(block, head, HEAD_LEN) == 0 && n[NUMBERS - 1] == FACTORY_MARK &&
                   ferry_le(block + AT_CRC, 4) == ferry_crc32(block, AT_CRC)
               ? 0
               : FERRY_E_ARG;
}

void ferry_identity_make(const struct ferry_identity *id, const struct ferry_map *map,
                         uint8_t block[FERRY_IDENTITY_LEN])
{
    memset(block, 0, FERRY_IDENTITY_LEN);
    memcpy(block, head, HEAD_LEN);
    memcpy(block + AT_IDS, id, IDS_LEN);
    ferry_set_le(block + AT_NUMBERS, id->hw_rev, 4);
    ferry_set_le(block + AT_NUMBERS + 4, id->boot_caps, 4);
    for (unsigned i = 0; i < sizeof *map; i += 4) {
        uint32_t n;
        memcpy(&n, (const uint8_t *)map + i, 4);
        ferry_set_le(block + AT_MAP + i, n, 4);
    }
    ferry_set_le(block + AT_MARK, FACTORY_MARK, 4);
    memcpy(block + AT_KEYS, id->keys, FERRY_KEY_SLOTS * sizeof *id->keys);
    ferry_set_le(block + AT_CRC, ferry_crc32(block, AT_CRC), 4);
}
