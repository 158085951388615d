/* SPDX-License-Identifier: Apache-2.0
 *
 * The judgement on a manifest whose signature holds. Pure: facts in, verdict out; the
 * device, the bootloader and `ferry verify` all ask here. */
#ifndef FERRY_POLICY_H
#define FERRY_POLICY_H

#include "ferry/hal.h"
#include "ferry/manifest.h"

struct ferry_policy {
    const struct ferry_identity *identity;
    const struct ferry_boot_state *now;
    const struct ferry_map *map;
};

/* 0: acceptable. Else the first rule of docs/PROTOCOL.md's order that it breaks.
 * `slot` signed it; `digest` is of its to-be-signed bytes. */
FERRY_MUST_USE int ferry_policy_judge(const struct ferry_policy *p,
                                      const struct ferry_manifest *m, uint8_t slot,
                                      const uint8_t digest[FERRY_HASH_LEN]);

/* The bootloader's rules: is it for this device, and can it run in this bank? 0, or the
 * error without its sign. */
FERRY_MUST_USE unsigned ferry_policy_device(const struct ferry_identity *id,
                                            const struct ferry_manifest *m);
FERRY_MUST_USE unsigned ferry_policy_bank(const struct ferry_map *map, unsigned bank,
                                          const struct ferry_manifest *m);
/* What an image signed under `slot` with this counter has to show against the floor. */
FERRY_MUST_USE uint32_t ferry_policy_rank(uint32_t floor, uint8_t slot,
                                          uint32_t sec_ctr);
static inline bool ferry_policy_below(uint32_t floor, uint8_t slot, uint32_t sec_ctr)
{
    return ferry_policy_rank(floor, slot, sec_ctr) < floor;
}
/* Was this one, or a newer one, rolled back from? */
FERRY_MUST_USE bool ferry_policy_entombed(uint8_t tomb_slot, uint32_t tomb_version,
                                          uint8_t slot, uint32_t version);

#endif
