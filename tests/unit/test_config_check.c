/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what ferry_device_config_check() lets pass: each rule of ferry/device.h and
 * ferry/hal.h, at its bound and one step behind it. */
#include "check.h"
#include "ferry/device.h"

/* A configuration that passes, to be spoilt. Banks at 8 KiB and 40 KiB, journals in
 * front of them, between them and behind them. */
static struct {
    struct ferry_map map;
    struct ferry_flash flash;
    struct ferry_device_config cfg;
} product;

static void good(void)
{
    product.map = (struct ferry_map){
        .bank = {{8192, 16384}, {40960, 16384}},
        .header_len = 1024,
        .boot_journal = {0, 512},
        .app_journal = {24576, 57344},
    };
    product.flash = (struct ferry_flash){.erase_unit = 512, .write_unit = 4};
    product.cfg = (struct ferry_device_config){
        .map = &product.map,
        .flash = &product.flash,
        .pool_len = 408,
        .chunk = 128,
    };
}

static bool passes(void)
{
    int err = ferry_device_config_check(&product.cfg);

    assert_true(err == 0 || err == FERRY_E_ARG);
    return err == 0;
}

/* One number, anywhere in the configuration, and whether it may have this value. */
static void expect_number(const char *row, void *number, size_t size, uint32_t value,
                          bool fine)
{
    uint16_t two = (uint16_t)value;

    memcpy(number, size == sizeof two ? (void *)&two : (void *)&value, size);
    expect_true(row, passes() == fine);
    good();
}

#define EXPECT(number, value, fine)                                                    \
    expect_number(#number " " #value, &product.number, sizeof product.number, value,   \
                  fine)

static void a_chunk_has_128_or_256_bytes_and_the_pool_three_of_them(void **state)
{
    (void)state;
    good();
    EXPECT(cfg.chunk, 128, true);
    EXPECT(cfg.chunk, 127, false);
    EXPECT(cfg.chunk, 129, false);
    EXPECT(cfg.chunk, 0, false);
    EXPECT(cfg.pool_len, 408, true);
    EXPECT(cfg.pool_len, 407, false);
    EXPECT(cfg.pool_len, 395, false); /* less than an envelope wants */
    EXPECT(cfg.pool_len, 0, false);
    product.cfg.chunk = 256;
    product.cfg.pool_len = 792;
    assert_true(passes());
    product.cfg.pool_len = 791;
    assert_false(passes());
}

static void erase_and_write_units_are_powers_of_two_within_bounds(void **state)
{
    (void)state;
    good();
    EXPECT(flash.erase_unit, 512, true);
    EXPECT(flash.erase_unit, 256, false);
    EXPECT(flash.erase_unit, 768, false);
    EXPECT(flash.erase_unit, 0, false);
    EXPECT(flash.erase_unit, 262144, false);
    EXPECT(flash.write_unit, 1, true);
    EXPECT(flash.write_unit, 32, true);
    EXPECT(flash.write_unit, 0, false);
    EXPECT(flash.write_unit, 12, false);
    EXPECT(flash.write_unit, 64, false);
}

static void a_header_is_whole_units_and_1024_bytes_or_more(void **state)
{
    (void)state;
    good();
    EXPECT(map.header_len, 1024, true);
    EXPECT(map.header_len, 1536, true);
    EXPECT(map.header_len, 512, false);
    EXPECT(map.header_len, 1280, false);
    EXPECT(map.header_len, 0, false);
}

static void a_bank_is_whole_units_and_longer_than_its_header(void **state)
{
    (void)state;
    good();
    EXPECT(map.bank[0].addr, 8448, false);
    EXPECT(map.bank[1].addr, 41216, false);
    EXPECT(map.bank[0].len, 1536, true);
    EXPECT(map.bank[0].len, 1024, false);
    EXPECT(map.bank[1].len, 1024, false);
    EXPECT(map.bank[0].len, 16128, false);
    EXPECT(map.bank[1].len, 0, false);
}

static void a_journal_page_is_a_unit_outside_both_banks(void **state)
{
    (void)state;
    good();
    EXPECT(map.boot_journal[1], 7680, true);  /* the last one before bank 0 */
    EXPECT(map.boot_journal[1], 8192, false); /* its first */
    EXPECT(map.boot_journal[1], 24064, false);
    EXPECT(map.boot_journal[1], 25088, true); /* between the banks */
    EXPECT(map.app_journal[0], 40448, true);
    EXPECT(map.app_journal[0], 40960, false);
    EXPECT(map.app_journal[1], 56832, false);
    EXPECT(map.app_journal[1], 57344, true);
    EXPECT(map.boot_journal[0], 256, false);
    EXPECT(map.app_journal[1], 57345, false);
}

static void no_two_journal_pages_are_the_same(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned k = 0; k < 4; k++) {
            good();
            uint32_t *page[4] = {
                &product.map.boot_journal[0], &product.map.boot_journal[1],
                &product.map.app_journal[0], &product.map.app_journal[1]};
            *page[i] = *page[k];
            assert_true(passes() == (i == k));
        }
    }
}

static void a_device_that_another_bootloader_starts_needs_no_journals(void **state)
{
    (void)state;
    good();
    memset(product.map.boot_journal, 0, sizeof product.map.boot_journal);
    memset(product.map.app_journal, 0, sizeof product.map.app_journal);
    assert_true(passes());
    product.map.bank[1].len = 1024; /* and all the rest is asked as before */
    assert_false(passes());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_has_128_or_256_bytes_and_the_pool_three_of_them),
        cmocka_unit_test(erase_and_write_units_are_powers_of_two_within_bounds),
        cmocka_unit_test(a_header_is_whole_units_and_1024_bytes_or_more),
        cmocka_unit_test(a_bank_is_whole_units_and_longer_than_its_header),
        cmocka_unit_test(a_journal_page_is_a_unit_outside_both_banks),
        cmocka_unit_test(no_two_journal_pages_are_the_same),
        cmocka_unit_test(a_device_that_another_bootloader_starts_needs_no_journals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
