/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the staging bank's plans: where a chunk belongs, what is open, what to erase
 * next, what a rewind takes back; and its question to flash, block by block. */
#include "bank.h"
#include "check.h"
#include "crypto_sodium.h"
#include "release.h"
#include "sim_hal.h"
#include "verify.h"
#include "window.h"

#define BANK_LEN (256U * 1024U)

static struct sim_flash flash;
static struct ferry_flash hal;
static struct ferry_map map;
static struct ferry_bank bank;
static struct ferry_window window;
static uint32_t now;

static void given(uint32_t erase_unit, uint32_t header_len, uint16_t chunk,
                  uint32_t image_len)
{
    struct ferry_shape shape = {chunk, (uint16_t)ferry_table_len(image_len), image_len};

    sim_flash_init(&flash, 2 * BANK_LEN, erase_unit, 4, 0xFF);
    hal = sim_flash_hal(&flash, &now);
    map.bank[0] = (struct ferry_area){0, BANK_LEN};
    map.bank[1] = (struct ferry_area){BANK_LEN, BANK_LEN};
    map.header_len = header_len;
    ferry_bank_init(&bank, &hal, &map, 1);
    ferry_window_init(&window, &shape, 0);
}

static void erase_all_it_wants(void)
{
    while (ferry_bank_wants_erase(&bank, &window)) {
        bank.erased += hal.erase_unit;
    }
}

/* How many bytes of a chunk are wanted, and that it is for their own place. */
static unsigned wants(uint32_t index)
{
    uint32_t addr;
    unsigned len = ferry_bank_wants(&bank, &window, index, &addr);

    assert_true(len == 0 || addr == ferry_bank_chunk_addr(&bank, &window.shape, index));
    return len;
}

static void the_table_lies_at_512_and_the_image_behind_the_header(void **state)
{
    (void)state;
    given(4096, 4096, 128, 40000);
    assert_int_equal(ferry_bank_block_addr(&bank, 0), BANK_LEN + 512);
    assert_int_equal(ferry_bank_block_addr(&bank, 1), BANK_LEN + 4096);
    assert_int_equal(ferry_bank_block_addr(&bank, 3), BANK_LEN + 3 * 4096);
    assert_int_equal(ferry_bank_chunk_addr(&bank, &window.shape, 1), BANK_LEN + 640);
    assert_int_equal(ferry_bank_chunk_addr(&bank, &window.shape, 32), BANK_LEN + 4096);
    assert_int_equal(ferry_bank_chunk_addr(&bank, &window.shape, 2 * 32 + 5),
                     BANK_LEN + 2 * 4096 + 5 * 128);
    given(4096, 8192, 256, 40000);
    assert_int_equal(ferry_bank_chunk_addr(&bank, &window.shape, 16 + 3),
                     BANK_LEN + 8192 + 3 * 256);
}

static void nothing_is_wanted_before_its_place_is_erased(void **state)
{
    (void)state;
    given(4096, 4096, 128, 40000);
    assert_int_equal(ferry_bank_credit(&bank, &window, 8), 0);
    bank.erased = map.header_len;
    assert_int_equal(ferry_bank_credit(&bank, &window, 8), 2); /* 160 bytes of table */
    assert_int_equal(wants(0), 128);
    assert_int_equal(wants(1), 32);
    assert_false(wants(2));
    assert_false(wants(32));
}

static void no_image_page_is_erased_before_the_table_is_verified(void **state)
{
    (void)state;
    given(4096, 4096, 128, 40000);
    bank.erased = map.header_len;
    assert_false(ferry_bank_wants_erase(&bank, &window));
    ferry_window_advance(&window);
    assert_true(ferry_bank_wants_erase(&bank, &window));
}

static void two_blocks_are_kept_erased_whatever_the_erase_unit(void **state)
{
    static const struct {
        uint32_t unit, header, want; /* erased from the bank's start, base = 1 */
    } rows[] = {
        {512, 4096, 3 * 4096},         {1024, 4096, 3 * 4096},
        {4096, 4096, 3 * 4096},        {8192, 8192, 8192 + 8192},
        {65536, 65536, 65536 + 65536}, {32768, 32768, 32768 + 32768},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        given(rows[i].unit, rows[i].header, 128, 100000);
        bank.erased = rows[i].header;
        ferry_window_advance(&window);
        erase_all_it_wants();
        assert_int_equal(bank.erased, rows[i].want);
        assert_int_equal(ferry_bank_credit(&bank, &window, 200), 64);
        assert_int_equal(ferry_bank_credit(&bank, &window, 3), 3);
    }
}

static void no_page_behind_the_image_is_erased(void **state)
{
    (void)state;
    for (uint32_t more = 4; more <= 4096; more += 4092) { /* in its last block */
        given(4096, 4096, 128, 4096 + more);
        bank.erased = map.header_len;
        ferry_window_advance(&window);
        erase_all_it_wants();
        assert_int_equal(bank.erased, 3 * 4096);
        ferry_window_advance(&window);
        assert_false(ferry_bank_wants_erase(&bank, &window));
        assert_int_equal(ferry_bank_credit(&bank, &window, 8), more == 4 ? 1 : 8);
    }
}

static void what_has_arrived_is_not_wanted_again(void **state)
{
    (void)state;
    given(4096, 4096, 128, 40000);
    bank.erased = map.header_len;
    ferry_window_advance(&window);
    erase_all_it_wants();
    assert_true(wants(32));
    ferry_window_mark(&window, 32);
    assert_false(wants(32));
    assert_int_equal(ferry_bank_credit(&bank, &window, 200), 63);
}

/* A block of 16 chunks has 16 rows to spare, and their numbers are the next block's. */
static void every_missing_chunk_counts_once_in_the_credit(void **state)
{
    (void)state;
    given(512, 4096, 256, 40000);
    ferry_window_advance(&window);
    bank.erased = map.header_len + 4096 + 512; /* block 1, and two chunks of block 2 */
    assert_int_equal(ferry_bank_credit(&bank, &window, 200), 16 + 2);
    for (uint32_t i = 0; i < 14; i++) {
        ferry_window_mark(&window, 16 + i);
    }
    assert_int_equal(ferry_bank_credit(&bank, &window, 200), 2 + 2);
    ferry_window_mark(&window, 32);
    assert_int_equal(ferry_bank_credit(&bank, &window, 200), 2 + 1);
}

static void a_rewind_takes_back_the_whole_erase_unit(void **state)
{
    static const struct {
        uint32_t unit, header;
        uint16_t block, first;
        uint32_t erased;
    } rows[] = {
        {512, 4096, 5, 5, 4096 + 4 * 4096},
        {4096, 4096, 5, 5, 4096 + 4 * 4096},
        {8192, 8192, 5, 5, 8192 + 4 * 4096},
        {8192, 8192, 6, 5, 8192 + 4 * 4096},
        {65536, 65536, 7, 1, 65536},
        {65536, 65536, 17, 17, 65536 + 65536},
        {4096, 4096, 0, 0, 0},
        {65536, 65536, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        given(rows[i].unit, rows[i].header, 128, 150000);
        bank.erased = BANK_LEN;
        assert_int_equal(ferry_bank_rewind(&bank, rows[i].block), rows[i].first);
        assert_int_equal(bank.erased, rows[i].erased);
    }
}

static void a_rewind_never_calls_a_page_erased_that_is_not(void **state)
{
    (void)state;
    given(4096, 4096, 128, 40000);
    bank.erased = 2 * 4096;
    assert_int_equal(ferry_bank_rewind(&bank, 5), 5);
    assert_int_equal(bank.erased, 2 * 4096);
}

/* An artifact of the simulation, laid into the bank as a transfer would. */
static void install(const uint8_t *image, uint32_t len, uint8_t table_hash[32])
{
    static uint8_t artifact[32768];
    struct ferry_envelope e;
    struct ferry_manifest m;
    struct release r;

    release_default(&r);
    release_make(&r, image, len, artifact);
    size_t env = ferry_envelope_len(artifact);
    assert_int_equal(ferry_envelope_open(&e, artifact, env), 0);
    assert_int_equal(
        ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_DEVICE), 0);
    memcpy(table_hash, m.blocks, 32);
    uint8_t *at = flash.bytes + BANK_LEN;
    memcpy(at + 512, artifact + env, ferry_table_len(len));
    memcpy(at + 4096, image, len);
}

static int check(uint16_t block, const struct ferry_crypto *crypto,
                 const uint8_t *table_hash)
{
    struct ferry_verify v;

    ferry_verify_init(&v, &hal, crypto);
    window.base = block;
    return ferry_bank_check(&bank, &window, &v, table_hash);
}

static void a_block_is_believed_only_if_flash_hashes_to_the_signed_table(void **state)
{
    static uint8_t image[10000];
    struct ferry_sodium sodium;
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    uint8_t table_hash[32];

    (void)state;
    given(4096, 4096, 128, sizeof image);
    for (size_t i = 0; i < sizeof image; i++) {
        image[i] = (uint8_t)(i * 7 + i / 256);
    }
    install(image, sizeof image, table_hash);
    for (uint16_t b = 0; b < 4; b++) {
        assert_int_equal(check(b, &crypto, table_hash), 0);
    }
    flash.bytes[BANK_LEN + 4096 + 9999] ^= 1; /* the last byte */
    assert_int_equal(check(3, &crypto, table_hash), FERRY_E_BLOCK);
    assert_int_equal(check(2, &crypto, table_hash), 0);
    flash.bytes[BANK_LEN + 512 + 16] ^= 1; /* the second entry */
    assert_int_equal(check(0, &crypto, table_hash), FERRY_E_BLOCKS);
    assert_int_equal(check(2, &crypto, table_hash), FERRY_E_BLOCK);
}

static int unreadable(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return -1;
}

/* The block may be right: nobody knows. */
static void a_table_that_cannot_be_read_is_flashs_failure(void **state)
{
    struct ferry_sodium sodium;
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    uint8_t table_hash[32] = {0};

    (void)state;
    given(4096, 4096, 128, 10000);
    hal.read = unreadable;
    assert_int_equal(check(1, &crypto, table_hash), FERRY_E_FLASH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_lies_at_512_and_the_image_behind_the_header),
        cmocka_unit_test(nothing_is_wanted_before_its_place_is_erased),
        cmocka_unit_test(no_image_page_is_erased_before_the_table_is_verified),
        cmocka_unit_test(two_blocks_are_kept_erased_whatever_the_erase_unit),
        cmocka_unit_test(no_page_behind_the_image_is_erased),
        cmocka_unit_test(what_has_arrived_is_not_wanted_again),
        cmocka_unit_test(every_missing_chunk_counts_once_in_the_credit),
        cmocka_unit_test(a_rewind_takes_back_the_whole_erase_unit),
        cmocka_unit_test(a_rewind_never_calls_a_page_erased_that_is_not),
        cmocka_unit_test(a_block_is_believed_only_if_flash_hashes_to_the_signed_table),
        cmocka_unit_test(a_table_that_cannot_be_read_is_flashs_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
