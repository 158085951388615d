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

#endif
