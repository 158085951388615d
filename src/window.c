/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which chunks exist, which have arrived and what to ack. Does not know bytes,
 * time or flash. */
#include "window.h"

/* ---- the shape ------------------------------------------------------------------- */

uint32_t ferry_shape_blocks(const struct ferry_shape *s)
{
    return 1 + s->payload_len / FERRY_BLOCK_LEN +
           (s->payload_len % FERRY_BLOCK_LEN != 0);
}

uint32_t ferry_shape_image_before(const struct ferry_shape *s, uint32_t base)
{
    uint32_t len = base == 0 ? 0 : (base - 1) * FERRY_BLOCK_LEN;

    return len < s->payload_len ? len : s->payload_len;
}

uint32_t ferry_shape_block_len(const struct ferry_shape *s, uint32_t block)
{
    if (block == 0) {
        return s->table_len;
    }
    uint32_t left = s->payload_len - ferry_shape_image_before(s, block);
    return left < FERRY_BLOCK_LEN ? left : FERRY_BLOCK_LEN;
}

unsigned ferry_shape_chunk_len(const struct ferry_shape *s, uint32_t index)
{
    uint32_t off = ferry_shape_off(s, index);
    uint32_t len = ferry_shape_block_len(s, ferry_shape_block(s, index));

    if (off >= len) {
        return 0;
    }
    return (unsigned)(len - off < s->chunk ? len - off : s->chunk);
}

/* ---- the device's side ----------------------------------------------------------- */

void ferry_window_init(struct ferry_window *w, const struct ferry_shape *s,
                       uint16_t base)
{
    w->shape = *s;
    w->bits[0] = 0;
    w->bits[1] = 0;
    w->base = base;
    w->epoch = 0;
}

uint32_t ferry_window_mask(const struct ferry_window *w, unsigned k)
{
    unsigned n = ferry_shape_chunks(&w->shape, (uint32_t)w->base + k);
    return n >= FERRY_WINDOW_ROWS ? UINT32_MAX : (uint32_t)((UINT32_C(1) << n) - 1U);
}

int ferry_window_row(const struct ferry_window *w, uint32_t index)
{
    int32_t k = (int32_t)ferry_shape_block(&w->shape, index) - (int32_t)w->base;

    if (k < 0 || k > 1 || ferry_shape_chunk_len(&w->shape, index) == 0) {
        return -1;
    }
    return (int)((uint32_t)k * FERRY_WINDOW_ROWS +
                 ferry_shape_off(&w->shape, index) / w->shape.chunk);
}

bool ferry_window_base_full(const struct ferry_window *w)
{
    uint32_t mask = ferry_window_mask(w, 0);
    return mask != 0 && w->bits[0] == mask;
}

uint32_t ferry_window_cursor(const struct ferry_window *w)
{
    uint32_t before = ferry_shape_image_before(&w->shape, w->base);
    unsigned row = 0;

    /*@ loop invariant 0 <= row <= FERRY_WINDOW_ROWS;
      @ loop invariant \forall integer r; 0 <= r < row ==> has(w, 0, r);
      @ loop assigns row;
      @ loop variant FERRY_WINDOW_ROWS - row; */
    while (w->base > 0 && row < FERRY_WINDOW_ROWS && ferry_window_has(w, row)) {
        row++;
    }
    return (before + w->shape.chunk - 1U) / w->shape.chunk + row;
}
