/* SPDX-License-Identifier: Apache-2.0
 *
 * The staging bank: where a chunk belongs, which page to erase next, and whether what
 * stands in flash is what the signed table promises. Plans and reads; never writes. */
#ifndef FERRY_BANK_H
#define FERRY_BANK_H

#include "window.h"

static inline void ferry_bank_init(struct ferry_bank *b,
                                   const struct ferry_flash *flash,
                                   const struct ferry_map *map, unsigned bank)
{
    b->flash = flash;
    b->addr = map->bank[bank].addr;
    b->number = (uint8_t)bank;
    b->header_len = map->header_len;
    b->erased = 0;
}

/* Where a block begins, and where a chunk does. */
uint32_t ferry_bank_block_addr(const struct ferry_bank *b, uint32_t block);
static inline uint32_t ferry_bank_chunk_addr(const struct ferry_bank *b,
                                             const struct ferry_shape *s,
                                             uint32_t index)
{
    return ferry_bank_block_addr(b, ferry_shape_block(s, index)) +
           ferry_shape_off(s, index);
}

/* A chunk in the window, not here yet, and every byte of its place erased: how long its
 * payload is, and where it belongs. 0 for any other. */
unsigned ferry_bank_wants(const struct ferry_bank *b, const struct ferry_window *w,
                          uint32_t index, uint32_t *addr);
/* How many chunks a courier may have in flight: at most `slots`, and none for a place
 * that is not erased. */
uint8_t ferry_bank_credit(const struct ferry_bank *b, const struct ferry_window *w,
                          uint8_t slots);

/* Must the unit at b->erased be erased, so that the window's two blocks are writable?
 * Never one of the image's while the block table is not verified. */
bool ferry_bank_wants_erase(const struct ferry_bank *b, const struct ferry_window *w);
/* `block` must be written anew: which block is the first that goes with it? */
uint16_t ferry_bank_rewind(struct ferry_bank *b, uint16_t block);

/* Does the window's base block hash to what the manifest (block 0) or the block table
 * says? 0, FERRY_E_BLOCKS (table), FERRY_E_BLOCK, FERRY_E_FLASH. */
FERRY_MUST_USE int ferry_bank_check(const struct ferry_bank *b,
                                    const struct ferry_window *w,
                                    struct ferry_verify *v,
                                    const uint8_t table_hash[FERRY_HASH_LEN]);

#endif
