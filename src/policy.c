/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows every rule by which a genuine manifest is still refused: other product, older
 * than the floor, too large, linked for another bank. Does not know signatures, flash
 * or sessions. */
#include "policy.h"

#include <string.h>

/* A broken rule, until the last moment: a positive number is shorter to load. */
#define RULE(error) ((unsigned)-(error))

#define COUNTER_MASK ((uint32_t)FERRY_SEC_CTR_MAX)

unsigned ferry_policy_device(const struct ferry_identity *id,
                             const struct ferry_manifest *m)
{
    if (memcmp(m->class_id, id->class_id, sizeof id->class_id) != 0) {
        return RULE(FERRY_E_CLASS);
    }
    if (id->hw_rev < m->hw_min || id->hw_rev > m->hw_max) {
        return RULE(FERRY_E_HW);
    }
    if (m->device != NULL &&
        memcmp(m->device, id->device_id, sizeof id->device_id) != 0) {
        return RULE(FERRY_E_DEVICE);
    }
    return 0;
}

/* A recovery image is measured by its counter alone: it must get in whichever slot
 * production has reached, and must not outrank production afterwards. */
uint32_t ferry_policy_rank(uint32_t floor, uint8_t slot, uint32_t sec_ctr)
{
    uint32_t above =
        slot == FERRY_SLOT_RECOVERY ? floor & ~COUNTER_MASK : (uint32_t)slot << 24;
    return above | sec_ctr;
}

/* Rolled back from, and this one is no newer. Recovery images and production images
 * do not bury each other. */
bool ferry_policy_entombed(uint8_t tomb_slot, uint32_t tomb_version, uint8_t slot,
                           uint32_t version)
{
    if (slot == tomb_slot) {
        return version <= tomb_version;
    }
    return slot < tomb_slot && tomb_slot != FERRY_SLOT_RECOVERY;
}

/*@ requires \valid_read(now) && \valid_read(m) && \valid_read(digest + (0 .. 31));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= 0xFF;
  @ ensures floor: \result == 0 ==> rank(now->floor, slot, m->sec_ctr) >= now->floor; */
static unsigned too_old(const struct ferry_boot_state *now,
                        const struct ferry_manifest *m, uint8_t slot,
                        const uint8_t *digest)
{
    if (memcmp(digest, now->digest, sizeof now->digest) == 0) {
        return RULE(FERRY_E_SAME);
    }
    if (ferry_policy_below(now->floor, slot, m->sec_ctr)) {
        return RULE(FERRY_E_FLOOR);
    }
    /* Only within a slot: a wrong or stolen 0xFFFFFFFF must not end a fleet. */
    if (slot == now->slot && m->version <= now->version) {
        return RULE(FERRY_E_VERSION);
    }
    if (now->version < m->min_from) {
        return RULE(FERRY_E_MINFROM);
    }
    return 0;
}

/* The table is one block of the transfer, so it cannot be longer than a block. */
/*@ requires \valid_read(map);
  @ terminates \true;
  @ assigns \nothing; */
static uint32_t table_cap(const struct ferry_map *map)
{
    uint32_t room = map->header_len - FERRY_TABLE_OFF;
    return room < FERRY_BLOCK_LEN ? room : FERRY_BLOCK_LEN;
}

unsigned ferry_policy_bank(const struct ferry_map *map, unsigned bank,
                           const struct ferry_manifest *m)
{
    if (m->length == 0 || m->length % 4 != 0 ||
        m->length > map->bank[bank].len - map->header_len ||
        ferry_table_len(m->length) > table_cap(map)) {
        return RULE(FERRY_E_SIZE);
    }
    return m->link != map->link[bank] ? RULE(FERRY_E_LINK) : 0;
}

/* What this device's bootloader would refuse later is refused now. */
/*@ requires \valid_read(m);
  @ terminates \true;
  @ assigns \nothing; */
static bool bootable(uint32_t caps, const struct ferry_manifest *m)
{
    return (caps & FERRY_CAP_EDDSA) != 0 &&
           (m->device == NULL || (caps & FERRY_CAP_KEY_DEVICE) != 0);
}

/* Only raw images are built in: no encoding, and none of the keys that go with one. A
 * delta against another image is named first: it could not be used even if built in. */
/*@ requires \valid_read(now) && manifest(m);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= 0xFF; */
static unsigned undecodable(const struct ferry_boot_state *now,
                            const struct ferry_manifest *m)
{
    const uint32_t with_encoding = UINT32_C(1) << FERRY_KEY_T_LEN |
                                   UINT32_C(1) << FERRY_KEY_T_SHA256 |
                                   UINT32_C(1) << FERRY_KEY_BASE;

    if (m->base != NULL &&
        memcmp(m->base, now->image_hash, sizeof now->image_hash) != 0) {
        return RULE(FERRY_E_BASE);
    }
    return m->encoding != 0 || (m->has & with_encoding) != 0 ? RULE(FERRY_E_ENC) : 0;
}

int ferry_policy_judge(const struct ferry_policy *p, const struct ferry_manifest *m,
                       uint8_t slot, const uint8_t digest[FERRY_HASH_LEN])
{
    unsigned rule = ferry_policy_device(p->identity, m);

    if (rule == 0) {
        rule = too_old(p->now, m, slot, digest);
    }
    if (rule == 0) {
        rule = ferry_policy_bank(p->map, p->now->active_bank ^ 1U, m);
    }
    if (rule == 0 && !bootable(p->identity->boot_caps, m)) {
        rule = RULE(FERRY_E_BOOT);
    }
    if (rule == 0) {
        rule = undecodable(p->now, m);
    }
    if (rule == 0 && p->now->tombstone &&
        ferry_policy_entombed(p->now->tombstone_slot, p->now->tombstone_version, slot,
                              m->version)) {
        rule = RULE(FERRY_E_TOMBSTONE);
    }
    return -(int)rule;
}
