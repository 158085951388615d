/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that crc.c computes CRC-16/CCITT-FALSE, whatever the run and however it is
 * split. The oracle is the definition itself, bit by bit. */
#include "crc.h"

#include "check.h"

static uint16_t bit_by_bit(uint16_t init, const uint8_t *p, size_t len)
{
    uint32_t crc = init;

    for (size_t i = 0; i < len * 8; i++) {
        uint32_t in = (uint32_t)p[i / 8] >> (7 - i % 8) & 1U;
        uint32_t out = crc >> 15 & 1U;
        crc = (crc << 1 ^ (in != out ? 0x1021U : 0)) & 0xFFFFU;
    }
    return (uint16_t)crc;
}

static void crc_has_the_check_value_of_the_catalogue(void **state)
{
    (void)state;
    assert_int_equal(ferry_crc16(FERRY_CRC16_INIT, "123456789", 9), 0x29B1);
}

static void crc_of_nothing_is_its_initial_value(void **state)
{
    (void)state;
    assert_int_equal(ferry_crc16(0x1234, "", 0), 0x1234);
    assert_int_equal(ferry_crc16(FERRY_CRC16_INIT, NULL, 0), FERRY_CRC16_INIT);
}

static void crc_of_two_runs_is_the_crc_of_the_whole(void **state)
{
    struct dice d = {1};
    uint8_t run[100];

    (void)state;
    roll_bytes(&d, run, sizeof run);
    uint16_t whole = ferry_crc16(0xBEEF, run, sizeof run);
    for (size_t cut = 0; cut <= sizeof run; cut++) {
        uint16_t first = ferry_crc16(0xBEEF, run, cut);
        assert_int_equal(ferry_crc16(first, run + cut, sizeof run - cut), whole);
    }
}

static void crc_agrees_with_the_definition_over_every_byte_and_register(void **state)
{
    (void)state;
    for (uint32_t init = 0; init <= 0xFFFF; init++) {
        uint8_t byte = (uint8_t)(init * 167U);
        assert_int_equal(ferry_crc16((uint16_t)init, &byte, 1),
                         bit_by_bit((uint16_t)init, &byte, 1));
    }
    for (unsigned value = 0; value <= 0xFF; value++) {
        uint8_t byte = (uint8_t)value;
        assert_int_equal(ferry_crc16(0xA5C3, &byte, 1), bit_by_bit(0xA5C3, &byte, 1));
    }
}

static void crc_agrees_with_the_definition_over_random_runs(void **state)
{
    struct dice d = {2};
    uint8_t run[300];

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        size_t len = roll_below(&d, sizeof run + 1);
        uint16_t init = (uint16_t)roll(&d);
        roll_bytes(&d, run, len);
        assert_int_equal(ferry_crc16(init, run, len), bit_by_bit(init, run, len));
    }
}

/* What the polynomial promises, at the length of the longest frame. */
static void crc_sees_every_flip_of_one_or_two_bits(void **state)
{
    uint8_t run[264];
    struct dice d = {3};

    (void)state;
    roll_bytes(&d, run, sizeof run);
    uint16_t good = ferry_crc16(FERRY_CRC16_INIT, run, sizeof run);
    for (size_t a = 0; a < sizeof run * 8; a += 3) {
        run[a / 8] ^= (uint8_t)(1U << a % 8);
        assert_int_not_equal(ferry_crc16(FERRY_CRC16_INIT, run, sizeof run), good);
        size_t b = a + 1 + roll_below(&d, 300);
        if (b < sizeof run * 8) {
            run[b / 8] ^= (uint8_t)(1U << b % 8);
            assert_int_not_equal(ferry_crc16(FERRY_CRC16_INIT, run, sizeof run), good);
            run[b / 8] ^= (uint8_t)(1U << b % 8);
        }
        run[a / 8] ^= (uint8_t)(1U << a % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_has_the_check_value_of_the_catalogue),
        cmocka_unit_test(crc_of_nothing_is_its_initial_value),
        cmocka_unit_test(crc_of_two_runs_is_the_crc_of_the_whole),
        cmocka_unit_test(crc_agrees_with_the_definition_over_every_byte_and_register),
        cmocka_unit_test(crc_agrees_with_the_definition_over_random_runs),
        cmocka_unit_test(crc_sees_every_flip_of_one_or_two_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
