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
    AT_CLASS = 8,
    AT_DEVICE = 24,
    AT_NUMBERS = 40, /* 14 of 4 bytes: */
    AT_KEYS = 96,    /* 8 slots of 65: algorithm, key */
    AT_SPARE = 616,
    AT_CRC = 620
};
enum { HW_REV, BOOT_CAPS, MAP, MARK = MAP + 11, NUMBERS };

#define FACTORY_MARK 0x4B4D4146UL /* "FAMK" */
#define HEAD_LEN 8U
static const uint8_t head[HEAD_LEN] = {'F', 'R', 'I', 'D', 1, 0, 0x70, 0x02};

_Static_assert(sizeof(struct ferry_key) == 65, "a key slot is read in place");
_Static_assert(AT_KEYS + FERRY_KEY_SLOTS * 65 == AT_SPARE, "eight slots");
_Static_assert(AT_NUMBERS + 4 * NUMBERS == AT_KEYS, "the numbers fill their place");
_Static_assert(AT_CRC + 4 == FERRY_IDENTITY_LEN, "the CRC ends it");
_Static_assert(sizeof(struct ferry_map) == 4 * (MARK - MAP),
               "the map's numbers stand in the block as they stand in the struct");

int ferry_identity_open(struct ferry_identity *id, struct ferry_map *map,
                        const uint8_t block[FERRY_IDENTITY_LEN])
{
    uint32_t n[NUMBERS];

    for (unsigned i = 0; i < NUMBERS; i++) {
        n[i] = ferry_le(block + AT_NUMBERS + 4 * i, 4);
    }
    memcpy(id->class_id, block + AT_CLASS, sizeof id->class_id);
    memcpy(id->device_id, block + AT_DEVICE, sizeof id->device_id);
    id->hw_rev = n[HW_REV];
    id->boot_caps = n[BOOT_CAPS];
    id->keys = (const struct ferry_key *)(const void *)(block + AT_KEYS);
    memcpy(map, n + MAP, sizeof *map);
    return memcmp(block, head, HEAD_LEN) == 0 && n[MARK] == FACTORY_MARK &&
                   ferry_le(block + AT_CRC, 4) == ferry_crc32(block, AT_CRC)
               ? 0
               : FERRY_E_ARG;
}

void ferry_identity_make(const struct ferry_identity *id, const struct ferry_map *map,
                         uint8_t block[FERRY_IDENTITY_LEN])
{
    uint32_t n[NUMBERS] = {id->hw_rev, id->boot_caps, [MARK] = FACTORY_MARK};

    memcpy(n + MAP, map, sizeof *map);
    memset(block, 0, FERRY_IDENTITY_LEN);
    memcpy(block, head, HEAD_LEN);
    memcpy(block + AT_CLASS, id->class_id, sizeof id->class_id);
    memcpy(block + AT_DEVICE, id->device_id, sizeof id->device_id);
    for (unsigned i = 0; i < NUMBERS; i++) {
        ferry_set_le(block + AT_NUMBERS + 4 * i, n[i], 4);
    }
    memcpy(block + AT_KEYS, id->keys, FERRY_KEY_SLOTS * sizeof *id->keys);
    ferry_set_le(block + AT_CRC, ferry_crc32(block, AT_CRC), 4);
}
