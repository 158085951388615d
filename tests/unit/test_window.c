/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the arithmetic of chunks and blocks, and the window over them: which chunk has
 * which row, what is marked, what moves on, what is taken back. */
#include "window.h"

#include "check.h"

/* ---- the shape ------------------------------------------------------------------- */

struct row {
    const char *name;
    struct ferry_shape shape; /* chunk, table, payload */
    uint32_t blocks;
    unsigned first, middle, last; /* chunks of block 0, 1 and the last one */
    unsigned tail;                /* bytes of the very last chunk */
};
static const struct row rows[] = {
    {"four bytes", {128, 16, 4}, 2, 1, 1, 1, 4},
    {"one chunk", {128, 16, 128}, 2, 1, 1, 1, 128},
    {"one chunk and four bytes", {128, 16, 132}, 2, 1, 2, 2, 4},
    {"a block less four bytes", {128, 16, 4092}, 2, 1, 32, 32, 124},
    {"one block", {128, 16, 4096}, 2, 1, 32, 32, 128},
    {"a block and four bytes", {128, 32, 4100}, 3, 1, 32, 1, 4},
    {"a block and one byte", {128, 32, 4097}, 3, 1, 32, 1, 1},
    {"200 KiB", {128, 800, 204800}, 51, 7, 32, 32, 128},
    {"a table of two chunks", {128, 144, 36000}, 10, 2, 32, 26, 32},
    {"the fullest 4096-byte header", {128, 3584, 917504}, 225, 28, 32, 32, 128},
    {"four bytes in chunks of 256", {256, 16, 4}, 2, 1, 1, 1, 4},
    {"one block in chunks of 256", {256, 16, 4096}, 2, 1, 16, 16, 256},
    {"part of a block in chunks of 256", {256, 32, 4096 + 772}, 3, 1, 16, 4, 4},
    {"200 KiB in chunks of 256", {256, 800, 204800}, 51, 4, 16, 16, 256},
};

static void shape_counts_blocks_and_chunks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const struct ferry_shape *s = &r->shape;
        uint32_t last = (r->blocks - 1) * ferry_shape_per_block(s) + r->last - 1;

        expect_true(r->name, ferry_shape_blocks(s) == r->blocks);
        expect_true(r->name, ferry_shape_chunks(s, 0) == r->first);
        expect_true(r->name, ferry_shape_chunks(s, 1) == r->middle);
        expect_true(r->name, ferry_shape_chunks(s, r->blocks - 1) == r->last);
        expect_true(r->name, ferry_shape_chunk_len(s, last) == r->tail);
        expect_true(r->name, ferry_shape_chunk_len(s, last + 1) == 0);
    }
}

/* The block of the last index there is, where chunks are longest. */
#define LAST (0xFFFFFFU * 256U / FERRY_BLOCK_LEN)

static void shape_has_nothing_past_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct ferry_shape *s = &rows[i].shape;
        const uint32_t past[] = {rows[i].blocks, rows[i].blocks + 1, 0xFFFF,
                                 0x10000,        LAST - 1,           LAST};
        for (size_t k = 0; k < COUNT(past); k++) {
            expect_true(rows[i].name, ferry_shape_block_len(s, past[k]) == 0);
            expect_true(rows[i].name, ferry_shape_chunks(s, past[k]) == 0);
        }
        expect_true(rows[i].name, ferry_shape_chunk_len(s, 0xFFFFFF) == 0);
        expect_true(rows[i].name, ferry_shape_chunk_len(s, UINT32_MAX) == 0);
    }
}

/* Every byte of table and image lies in exactly one chunk. */
static void chunks_cover_table_and_image_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct ferry_shape *s = &rows[i].shape;
        unsigned per = ferry_shape_per_block(s);
        uint32_t image = 0;

        for (uint32_t b = 0; b < rows[i].blocks; b++) {
            uint32_t bytes = 0;
            for (unsigned c = 0; c < per; c++) {
                unsigned len = ferry_shape_chunk_len(s, b * per + c);
                expect_true(rows[i].name, (len > 0) == (c < ferry_shape_chunks(s, b)));
                bytes += len;
            }
            expect_true(rows[i].name, bytes == ferry_shape_block_len(s, b));
            expect_true(rows[i].name, image == ferry_shape_image_before(s, b));
            image += b > 0 ? bytes : 0;
        }
        expect_true(rows[i].name, image == s->payload_len);
        expect_true(rows[i].name,
                    ferry_shape_image_before(s, rows[i].blocks) == s->payload_len);
        expect_true(rows[i].name,
                    ferry_shape_image_before(s, UINT32_MAX) == s->payload_len);
        expect_true(rows[i].name, ferry_shape_block_len(s, 0) == s->table_len);
    }
}

/* ---- the window ------------------------------------------------------------------ */

/* Table of 2 chunks; blocks 1 and 2 whole, block 3 of 3 chunks, the last of 4 bytes. */
static const struct ferry_shape shape = {128, 144, 2 * 4096 + 260};

static void fill_base(struct ferry_window *w)
{
    for (unsigned row = 0; row < FERRY_WINDOW_ROWS; row++) {
        ferry_window_mark(w, ferry_window_index(w, row));
    }
}

static void row_and_index_are_each_others_inverse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct ferry_shape *s = &rows[i].shape;
        struct ferry_window w;
        for (uint32_t base = 0; base <= rows[i].blocks; base++) {
            ferry_window_init(&w, s, (uint16_t)base);
            uint32_t seen[2] = {0, 0};
            uint32_t end = (rows[i].blocks + 2) * ferry_shape_per_block(s);
            for (uint32_t index = 0; index < end; index++) {
                uint32_t block = index / ferry_shape_per_block(s);
                bool in = ferry_shape_chunk_len(s, index) > 0 &&
                          (block == base || block == base + 1);
                int row = ferry_window_row(&w, index);
                expect_true(rows[i].name, in == (row >= 0));
                if (row >= 0) {
                    expect_true(rows[i].name,
                                ferry_window_index(&w, (unsigned)row) == index);
                    seen[row / 32] |= UINT32_C(1) << row % 32;
                }
            }
            expect_true(rows[i].name, seen[0] == ferry_window_mask(&w, 0));
            expect_true(rows[i].name, seen[1] == ferry_window_mask(&w, 1));
        }
    }
}

/* Where int has 16 bits, base times chunks per block is more than one. */
static void the_last_blocks_of_sixteen_megabytes_have_chunks_too(void **state)
{
    const struct ferry_shape s = {128, 65520, UINT32_C(4095) * FERRY_BLOCK_LEN};
    struct ferry_window w;

    (void)state;
    ferry_window_init(&w, &s, 4094);
    assert_int_equal(ferry_window_index(&w, 33), UINT32_C(4095) * 32 + 1);
    assert_int_equal(ferry_window_row(&w, UINT32_C(4095) * 32 + 1), 33);
}

static void a_mark_sets_its_own_bit_and_no_other(void **state)
{
    struct ferry_window w;

    (void)state;
    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        ferry_window_init(&w, &shape, 1);
        ferry_window_mark(&w, ferry_window_index(&w, row));
        ferry_window_mark(&w, ferry_window_index(&w, row));
        for (unsigned other = 0; other < FERRY_WINDOW_CHUNKS; other++) {
            assert_int_equal(ferry_window_has(&w, other), other == row);
        }
    }
}

static void a_mark_outside_the_window_is_ignored(void **state)
{
    const uint32_t outside[] = {
        0,        1,         31, 3 * 32, 3 * 32 + 2, 3 * 32 + 3, UINT32_C(4) << 16,
        0xFFFFFF, UINT32_MAX};
    struct ferry_window w;

    (void)state;
    ferry_window_init(&w, &shape, 1);
    for (size_t i = 0; i < COUNT(outside); i++) {
        assert_int_equal(ferry_window_row(&w, outside[i]), -1);
        ferry_window_mark(&w, outside[i]);
    }
    assert_int_equal(w.bits[0] | w.bits[1], 0);

    ferry_window_init(&w, &shape, 0);
    ferry_window_mark(&w, 2); /* the gap that the short table leaves */
    assert_int_equal(w.bits[0] | w.bits[1], 0);
}

static void window_goes_through_a_transfer_block_by_block(void **state)
{
    const uint32_t masks[][2] = {
        {3, UINT32_MAX}, {UINT32_MAX, UINT32_MAX}, {UINT32_MAX, 7}, {7, 0}};
    struct ferry_window w;

    (void)state;
    ferry_window_init(&w, &shape, 0);
    for (unsigned base = 0; base < COUNT(masks); base++) {
        assert_int_equal(w.base, base);
        assert_int_equal(ferry_window_mask(&w, 0), masks[base][0]);
        assert_int_equal(ferry_window_mask(&w, 1), masks[base][1]);
        assert_false(ferry_window_complete(&w));
        assert_false(ferry_window_base_full(&w));
        fill_base(&w);
        assert_true(ferry_window_base_full(&w));
        ferry_window_advance(&w);
    }
    assert_true(ferry_window_complete(&w));
    assert_false(ferry_window_base_full(&w));
    assert_int_equal(ferry_window_mask(&w, 0) | ferry_window_mask(&w, 1), 0);
    assert_int_equal(w.epoch, 0);
}

static void one_missing_chunk_keeps_the_base_from_being_full(void **state)
{
    struct ferry_window w;

    (void)state;
    for (unsigned missing = 0; missing < 32; missing++) {
        ferry_window_init(&w, &shape, 2);
        fill_base(&w);
        w.bits[0] &= ~(UINT32_C(1) << missing);
        assert_false(ferry_window_base_full(&w));
        ferry_window_mark(&w, ferry_window_index(&w, missing));
        assert_true(ferry_window_base_full(&w));
    }
}

static void what_came_early_is_kept_when_the_window_moves_on(void **state)
{
    struct ferry_window w;

    (void)state;
    ferry_window_init(&w, &shape, 1);
    ferry_window_mark(&w, 2 * 32 + 5);
    fill_base(&w);
    ferry_window_advance(&w);
    assert_int_equal(w.base, 2);
    assert_int_equal(w.bits[0], 1UL << 5);
    assert_int_equal(w.bits[1], 0);
}

struct rewind {
    const char *name;
    uint16_t from, base;
    uint32_t bits[2];
};
static const struct rewind rewinds[] = {
    {"the next block", 3, 2, {0xF0F0, 0}},
    {"the base block", 2, 2, {0, 0}},
    {"a block already verified", 1, 1, {0, 0}},
    {"everything", 0, 0, {0, 0}},
};

static void a_rewind_takes_back_that_block_and_all_after_it_in_a_new_epoch(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rewinds); i++) {
        const struct rewind *r = &rewinds[i];
        struct ferry_window w;
        ferry_window_init(&w, &shape, 2);
        w.bits[0] = 0xF0F0;
        w.bits[1] = 5;
        w.epoch = 255;
        ferry_window_rewind(&w, r->from);
        expect_true(r->name, w.base == r->base);
        expect_true(r->name, w.bits[0] == r->bits[0] && w.bits[1] == r->bits[1]);
        expect_true(r->name, w.epoch == 0); /* modulo 256 */
    }
}

static void cursor_counts_verified_image_chunks_and_the_leading_ones(void **state)
{
    struct ferry_window w;

    (void)state;
    ferry_window_init(&w, &shape, 0);
    fill_base(&w);
    assert_int_equal(ferry_window_cursor(&w), 0); /* the table is not the image */
    ferry_window_advance(&w);
    for (unsigned n = 0; n < 10; n++) {
        assert_int_equal(ferry_window_cursor(&w), n);
        ferry_window_mark(&w, 32 + n);
    }
    ferry_window_mark(&w, 32 + 11); /* behind a hole */
    assert_int_equal(ferry_window_cursor(&w), 10);
    ferry_window_mark(&w, 32 + 10);
    assert_int_equal(ferry_window_cursor(&w), 12);
    fill_base(&w);
    ferry_window_advance(&w);
    assert_int_equal(ferry_window_cursor(&w), 32);
    ferry_window_init(&w, &shape, 4);
    assert_int_equal(ferry_window_cursor(&w), 32 + 32 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_counts_blocks_and_chunks),
        cmocka_unit_test(shape_has_nothing_past_its_end),
        cmocka_unit_test(chunks_cover_table_and_image_exactly),
        cmocka_unit_test(row_and_index_are_each_others_inverse),
        cmocka_unit_test(the_last_blocks_of_sixteen_megabytes_have_chunks_too),
        cmocka_unit_test(a_mark_sets_its_own_bit_and_no_other),
        cmocka_unit_test(a_mark_outside_the_window_is_ignored),
        cmocka_unit_test(window_goes_through_a_transfer_block_by_block),
        cmocka_unit_test(one_missing_chunk_keeps_the_base_from_being_full),
        cmocka_unit_test(what_came_early_is_kept_when_the_window_moves_on),
        cmocka_unit_test(
            a_rewind_takes_back_that_block_and_all_after_it_in_a_new_epoch),
        cmocka_unit_test(cursor_counts_verified_image_chunks_and_the_leading_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
