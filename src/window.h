/* SPDX-License-Identifier: Apache-2.0
 *
 * The window: the first block not verified (base), which of its and the next block's
 * chunks have arrived, an epoch, and a credit. Both ends keep one; the device's is the
 * truth. A chunk's index is block x (4096 / chunk) + its place, so the short block
 * table leaves a gap in the numbers, never an ambiguity. */
#ifndef FERRY_WINDOW_H
#define FERRY_WINDOW_H

#include "ferry/parts.h"

#define FERRY_WINDOW_ROWS 32U /* rows for each of its two blocks */

/* ---- the shape of what is transferred -------------------------------------------- */

/* In contracts: what a shape may be; where a chunk's bit is (k: which of the window's two
 * blocks); and whether that bit is set. */
/*@ predicate shape{L}(struct ferry_shape *s) = s->chunk == 128 || s->chunk == 256;
  @ logic integer first_byte{L}(struct ferry_shape *s, integer index) =
  @   (uint32_t)(index * s->chunk);
  @ predicate place{L}(struct ferry_window *w, integer index, integer k, integer row) =
  @   first_byte(&w->shape, index) / FERRY_BLOCK_LEN == w->base + k &&
  @   first_byte(&w->shape, index) % FERRY_BLOCK_LEN / w->shape.chunk == row;
  @ predicate has{L}(struct ferry_window *w, integer k, integer row) =
  @   (w->bits[k] >> row & 1) != 0; */

/* Blocks of a transfer: the table and the image's blocks. */
/*@ requires \valid_read(s);
  @ terminates \true;
  @ assigns \nothing; */
uint32_t ferry_shape_blocks(const struct ferry_shape *s);
/* Bytes of a block; 0 past the end. For blocks that an index below 2^24 can name. */
/*@ requires \valid_read(s);
  @ terminates \true;
  @ assigns \nothing; */
uint32_t ferry_shape_block_len(const struct ferry_shape *s, uint32_t block);
/* Chunks of a block; 0 past the end. */
/*@ requires \valid_read(s) && shape(s);
  @ terminates \true;
  @ assigns \nothing; */
static inline unsigned ferry_shape_chunks(const struct ferry_shape *s, uint32_t block)
{
    return (unsigned)((ferry_shape_block_len(s, block) + s->chunk - 1U) / s->chunk);
}
/*@ requires \valid_read(s) && shape(s);
  @ terminates \true;
  @ assigns \nothing; */
static inline unsigned ferry_shape_per_block(const struct ferry_shape *s)
{
    return FERRY_BLOCK_LEN / s->chunk;
}
/* The block a chunk belongs to, and where in it. Indices are below 2^24 and a chunk is at
 * most 256 bytes long, so no product overflows. */
/*@ requires \valid_read(s) && shape(s);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == first_byte(s, index) / FERRY_BLOCK_LEN; */
static inline uint32_t ferry_shape_block(const struct ferry_shape *s, uint32_t index)
{
    return index * s->chunk / FERRY_BLOCK_LEN;
}
/*@ requires \valid_read(s) && shape(s);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == first_byte(s, index) % FERRY_BLOCK_LEN; */
static inline uint32_t ferry_shape_off(const struct ferry_shape *s, uint32_t index)
{
    return index * s->chunk % FERRY_BLOCK_LEN;
}
/* Payload bytes of a chunk; 0 for an index that no chunk has. */
/*@ requires \valid_read(s) && shape(s);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= s->chunk; */
unsigned ferry_shape_chunk_len(const struct ferry_shape *s, uint32_t index);
/* Image bytes in the blocks before `base`. */
/*@ requires \valid_read(s);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <= s->payload_len; */
uint32_t ferry_shape_image_before(const struct ferry_shape *s, uint32_t base);

/* ---- what has arrived ------------------------------------------------------------ */

/*@ requires \valid(w) && \valid_read(s) && \separated(w, s);
  @ terminates \true;
  @ assigns *w;
  @ ensures nothing_yet: w->bits[0] == 0 && w->bits[1] == 0; */
void ferry_window_init(struct ferry_window *w, const struct ferry_shape *s,
                       uint16_t base);
/* One bit per chunk of block base + k (k = 0, 1). */
/*@ requires \valid_read(w) && k <= 1 && shape(&w->shape);
  @ terminates \true;
  @ assigns \nothing; */
uint32_t ferry_window_mask(const struct ferry_window *w, unsigned k);
/* Row of a chunk in the window: 0..31 base block, 32..63 the next; -1 outside. */
/*@ requires \valid_read(w) && shape(&w->shape);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures -1 <= \result < 64;
  @ ensures known: \result >= 0 ==> place(w, index, \result / 32, \result % 32); */
int ferry_window_row(const struct ferry_window *w, uint32_t index);
/* The chunk of a row; for a row that its block has no chunk for, one of the next block:
 * ask ferry_window_mask() first, or walk indices. */
/*@ requires \valid_read(w) && shape(&w->shape);
  @ terminates \true;
  @ assigns \nothing; */
static inline uint32_t ferry_window_index(const struct ferry_window *w, unsigned row)
{
    uint32_t block = w->base + row / FERRY_WINDOW_ROWS;
    return block * ferry_shape_per_block(&w->shape) + row % FERRY_WINDOW_ROWS;
}
/*@ requires \valid_read(w) && row < 64;
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <==> has(w, row / 32, row % 32); */
static inline bool ferry_window_has(const struct ferry_window *w, unsigned row)
{
    return (w->bits[row / FERRY_WINDOW_ROWS] >> (row % FERRY_WINDOW_ROWS) & 1U) != 0;
}
/* This chunk is programmed and read back. Ignored outside the window. */
/*@ requires \valid(w) && shape(&w->shape);
  @ terminates \true;
  @ assigns w->bits[0 .. 1];
  @ ensures only_what_was_given: \forall integer k, row; 0 <= k <= 1 && 0 <= row < 32 &&
  @   has(w, k, row) ==> \old(has(w, k, row)) || place(w, index, k, row); */
static inline void ferry_window_mark(struct ferry_window *w, uint32_t index)
{
    int row = ferry_window_row(w, index);

    if (row >= 0) {
        w->bits[(unsigned)row / FERRY_WINDOW_ROWS] |=
            UINT32_C(1) << ((unsigned)row % FERRY_WINDOW_ROWS);
    }
}
/* Is every chunk of the base block here? */
/*@ requires \valid_read(w) && shape(&w->shape);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures full: \result ==> w->bits[0] != 0; */
bool ferry_window_base_full(const struct ferry_window *w);
/* The base block is verified: move on. */
/*@ requires \valid(w);
  @ terminates \true;
  @ assigns w->base, w->bits[0 .. 1];
  @ ensures only_what_was_given: w->bits[0] == \old(w->bits[1]) && w->bits[1] == 0;
  @ ensures w->base == (uint16_t)(\old(w->base) + 1); */
static inline void ferry_window_advance(struct ferry_window *w)
{
    w->base++;
    w->bits[0] = w->bits[1];
    w->bits[1] = 0;
}
/* Block `from` and all after it are gone from flash: a new epoch says so. */
/*@ requires \valid(w);
  @ terminates \true;
  @ assigns w->base, w->bits[0 .. 1], w->epoch;
  @ ensures only_what_was_given: w->bits[1] == 0 && (w->bits[0] == 0 ||
  @   w->bits[0] == \old(w->bits[0]) && w->base == \old(w->base) && w->base < from); */
static inline void ferry_window_rewind(struct ferry_window *w, uint16_t from)
{
    w->bits[1] = 0;
    if (from <= w->base) {
        w->bits[0] = 0;
        w->base = from;
    }
    w->epoch++;
}
/*@ requires \valid_read(w);
  @ terminates \true;
  @ assigns \nothing; */
static inline bool ferry_window_complete(const struct ferry_window *w)
{
    return w->base >= ferry_shape_blocks(&w->shape);
}
/* What a person is shown: chunks in verified blocks plus the leading ones. */
/*@ requires \valid_read(w) && shape(&w->shape);
  @ terminates \true;
  @ assigns \nothing; */
uint32_t ferry_window_cursor(const struct ferry_window *w);

#endif
