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

/* In contracts: the manifest that was parsed, and the fields that it must have. */
/*@ predicate manifest(struct ferry_manifest *m) = \valid_read(m) &&
  @   \valid_read(m->class_id + (0 .. 15)) &&
  @   (m->device == \null || \valid_read(m->device + (0 .. 15))) &&
  @   (m->base == \null || \valid_read(m->base + (0 .. 15)));
  @ lemma other_bank: \forall integer bank; 0 <= bank <= 1 ==> (bank ^ 1) == 1 - bank;
  @ lemma own_bit: \forall integer bank; bank == 0 || bank == 1 ==>
  @   ((bank & 1) != 0 <==> bank == 1);
  @ logic uint32_t rank(uint32_t floor, uint8_t slot, uint32_t sec_ctr) = (uint32_t)
  @   ((slot == 7 ? floor & (uint32_t)~0xFFFFFF : (uint32_t)(slot << 24)) | sec_ctr); */

/* 0: acceptable. Else the first rule of docs/PROTOCOL.md's order that it breaks.
 * `slot` signed it; `digest` is of its to-be-signed bytes. */
/*@ requires \valid_read(p) && \valid_read(p->identity) && \valid_read(p->now);
  @ requires \valid_read(p->map) && p->now->active_bank <= 1 && manifest(m);
  @ requires \valid_read(digest + (0 .. 31));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures floor: \result == 0 ==>
  @   rank(p->now->floor, slot, m->sec_ctr) >= p->now->floor; */
FERRY_MUST_USE int ferry_policy_judge(const struct ferry_policy *p,
                                      const struct ferry_manifest *m, uint8_t slot,
                                      const uint8_t digest[FERRY_HASH_LEN]);

/* The bootloader's rules: is it for this device, and can it run in this bank? 0, or the
 * error without its sign. */
/*@ requires \valid_read(id) && manifest(m);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= 0xFF; */
FERRY_MUST_USE unsigned ferry_policy_device(const struct ferry_identity *id,
                                            const struct ferry_manifest *m);
/*@ requires \valid_read(map) && bank <= 1 && \valid_read(m);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= 0xFF;
  @ ensures fits: \result == 0 ==> 0 < m->length; */
FERRY_MUST_USE unsigned ferry_policy_bank(const struct ferry_map *map, unsigned bank,
                                          const struct ferry_manifest *m);
/* What an image signed under `slot` with this counter has to show against the floor. */
/*@ terminates \true;
  @ assigns \nothing;
  @ ensures \result == rank(floor, slot, sec_ctr); */
FERRY_MUST_USE uint32_t ferry_policy_rank(uint32_t floor, uint8_t slot,
                                          uint32_t sec_ctr);
/*@ terminates \true;
  @ assigns \nothing;
  @ ensures \result <==> rank(floor, slot, sec_ctr) < floor; */
static inline bool ferry_policy_below(uint32_t floor, uint8_t slot, uint32_t sec_ctr)
{
    return ferry_policy_rank(floor, slot, sec_ctr) < floor;
}
/* Was this one, or a newer one, rolled back from? */
/*@ terminates \true;
  @ assigns \nothing; */
FERRY_MUST_USE bool ferry_policy_entombed(uint8_t tomb_slot, uint32_t tomb_version,
                                          uint8_t slot, uint32_t version);

#endif
