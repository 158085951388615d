/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a bank is laid out, what of it may be written now, and how to ask flash
 * what it really holds. The bank is the persisted cursor: there is no other record of
 * progress. Does not know who asks, nor when flash is called. */
#include "bank.h"

#include <string.h>

#include "verify.h"

static uint32_t block_off(const struct ferry_bank *b, uint32_t block)
{
    return block == 0 ? FERRY_TABLE_OFF : b->header_len + (block - 1) * FERRY_BLOCK_LEN;
}

uint32_t ferry_bank_block_addr(const struct ferry_bank *b, uint32_t block)
{
    return b->addr + block_off(b, block);
}

/* Erase units are multiples of a chunk: where its first byte is erased, all of it is. */
unsigned ferry_bank_wants(const struct ferry_bank *b, const struct ferry_window *w,
                          uint32_t index, uint32_t *addr)
{
    int row = ferry_window_row(w, index);

    *addr = ferry_bank_chunk_addr(b, &w->shape, index);
    if (row < 0 || ferry_window_has(w, (unsigned)row) || *addr - b->addr >= b->erased) {
        return 0;
    }
    return ferry_shape_chunk_len(&w->shape, index);
}

/* Of each of the window's blocks: chunks that exist, are erased, and have not come. */
uint8_t ferry_bank_credit(const struct ferry_bank *b, const struct ferry_window *w,
                          uint8_t slots)
{
    unsigned credit = 0;

    for (unsigned k = 0; k < 2; k++) {
        uint32_t off = block_off(b, w->base + k);
        uint32_t wanted = ferry_window_mask(w, k) & ~w->bits[k];
        for (; wanted != 0 && off < b->erased && credit < slots; wanted >>= 1) {
            credit += (unsigned)(wanted & 1U);
            off += w->shape.chunk;
        }
    }
    return (uint8_t)credit;
}

bool ferry_bank_wants_erase(const struct ferry_bank *b, const struct ferry_window *w)
{
    return w->base > 0 && b->erased < block_off(b, w->base + 2U) &&
           b->erased < b->header_len + w->shape.payload_len;
}

uint16_t ferry_bank_rewind(struct ferry_bank *b, uint16_t block)
{
    uint32_t off = block_off(b, block) & ~(b->flash->erase_unit - 1U);

    if (block == 0) {
        b->erased = 0;
        return 0;
    }
    if (off < b->erased) {
        b->erased = off;
    }
    return (uint16_t)(1 + (off - b->header_len) / FERRY_BLOCK_LEN);
}

int ferry_bank_check(const struct ferry_bank *b, const struct ferry_window *w,
                     struct ferry_verify *v, const uint8_t table_hash[FERRY_HASH_LEN])
{
    uint32_t block = w->base;
    uint8_t entry[FERRY_BLOCK_HASH_LEN];
    const uint8_t *want = table_hash;
    size_t want_len = FERRY_HASH_LEN;

    if (block > 0) {
        uint32_t at = b->addr + FERRY_TABLE_OFF + (block - 1U) * FERRY_BLOCK_HASH_LEN;
        if (v->flash->read(v->flash->ctx, at, entry, sizeof entry) != 0) {
            return FERRY_E_FLASH;
        }
        want = entry;
        want_len = sizeof entry;
    }
    ferry_verify_run(v, ferry_bank_block_addr(b, block),
                     ferry_shape_block_len(&w->shape, block));
    if (ferry_verify_matches(v, want, want_len)) {
        return 0;
    }
    return block == 0 ? FERRY_E_BLOCKS : FERRY_E_BLOCK;
}
