/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the one outstanding flash call over the simulated flash: at once, later, in
 * slices; and that what flash claims is read back. */
#include "check.h"
#include "flash.h"
#include "sim_hal.h"

#define UNIT 4096U
#define AREA (4 * UNIT)

static struct sim_flash flash;
static struct ferry_flash hal;
static struct ferry_io io;
static uint32_t now;
static const uint32_t words[32] = {0x01234567, 0x89ABCDEF};
static const uint8_t *const bytes = (const uint8_t *)words;

static void given(enum sim_flash_mode mode, uint8_t erased)
{

    now = 1000;
    sim_flash_init(&flash, AREA, UNIT, 4, erased);
    sim_flash_grant(&flash, 0, 0, AREA);
    flash.mode = mode;
    hal = sim_flash_hal(&flash, &now);
    ferry_io_init(&io, &hal);
}

/* Whatever its caller left in the rest: an erase is blank afterwards, and nothing else. */
static int erase(uint32_t addr)
{
    struct ferry_flash_op op = {.erase = true, .addr = addr, .buf = bytes, .len = 4};

    return ferry_io_begin(&io, &op);
}

static int write(uint32_t addr, const uint8_t *buf, uint32_t len)
{
    struct ferry_flash_op op = {.addr = addr, .buf = buf, .len = len};

    return ferry_io_begin(&io, &op);
}

/* The outstanding call ends in its own time; what the engine concludes from it. */
static int when_it_ends(void)
{
    int status = -99;

    now += sim_flash_wait(&flash, now);
    assert_true(sim_flash_ended(&flash, now, &status));
    return ferry_io_done(&io, status);
}

static void a_flash_that_answers_at_once_is_done_at_once(void **state)
{
    (void)state;
    given(SIM_FLASH_SYNC, 0xFF);
    assert_int_equal(erase(UNIT), 0);
    assert_true(ferry_io_erasing(&io));
    assert_int_equal(write(UNIT, bytes, 128), 0);
    assert_false(ferry_io_erasing(&io));
    assert_true(ferry_flash_reads(&hal, UNIT, bytes, 128));
}

static void a_flash_that_answers_later_is_pending_until_then(void **state)
{
    (void)state;
    given(SIM_FLASH_ASYNC, 0xFF);
    assert_int_equal(erase(0), FERRY_PENDING);
    assert_int_equal(when_it_ends(), 0);
    assert_int_equal(write(0, bytes, 64), FERRY_PENDING);
    assert_false(ferry_flash_reads(&hal, 0, bytes, 64));
    assert_int_equal(when_it_ends(), 0);
    assert_true(ferry_flash_reads(&hal, 0, bytes, 64));
}

static void a_sliced_erase_asks_for_more_and_lets_writes_through(void **state)
{
    int status = FERRY_MORE;
    unsigned calls = 0;

    (void)state;
    given(SIM_FLASH_SLICED, 0xFF);
    while ((status = erase(0)) == FERRY_MORE) {
        calls++;
    }
    assert_int_equal(status, 0);
    assert_int_equal(calls, flash.slices - 1);
    assert_int_equal(erase(UNIT), FERRY_MORE);
    assert_int_equal(write(0, bytes, 128), 0);
    assert_int_equal(erase(UNIT), FERRY_MORE);
}

static void both_kinds_of_erased_flash_are_known_as_blank(void **state)
{
    static const uint8_t erased[] = {0xFF, 0x00};

    (void)state;
    for (size_t i = 0; i < COUNT(erased); i++) {
        given(SIM_FLASH_SYNC, erased[i]);
        assert_false(ferry_flash_reads(&hal, 0, NULL, UNIT));
        assert_int_equal(erase(0), 0);
        assert_true(ferry_flash_reads(&hal, 0, NULL, UNIT));
        assert_int_equal(write(64, bytes, 4), 0);
        assert_false(ferry_flash_reads(&hal, 0, NULL, UNIT));
        assert_true(ferry_flash_reads(&hal, 0, NULL, 64));
        assert_true(ferry_flash_reads(&hal, 68, NULL, UNIT - 68));
    }
}

/* What flash says about an operation that failed or did nothing. */
static void what_flash_claims_is_worth_a_read(void **state)
{
    static const enum sim_fault faults[] = {SIM_FAULT_ERROR, SIM_FAULT_NO_OP};
    static const enum sim_flash_mode modes[] = {SIM_FLASH_SYNC, SIM_FLASH_ASYNC};

    (void)state;
    for (size_t i = 0; i < COUNT(faults) * COUNT(modes); i++) {
        int status;
        given(modes[i % 2], 0xFF);
        flash.erase_fault = faults[i / 2];
        flash.write_fault = faults[i / 2];
        flash.faults = 1;
        status = erase(0);
        assert_int_equal(status == FERRY_PENDING ? when_it_ends() : status,
                         FERRY_E_FLASH);
        status = erase(0);
        assert_int_equal(status == FERRY_PENDING ? when_it_ends() : status, 0);
        flash.faults = 1;
        status = write(0, bytes, 128);
        assert_int_equal(status == FERRY_PENDING ? when_it_ends() : status,
                         FERRY_E_FLASH);
    }
}

static void a_single_wrong_bit_anywhere_is_seen(void **state)
{
    (void)state;
    given(SIM_FLASH_SYNC, 0xFF);
    assert_int_equal(erase(0), 0);
    assert_int_equal(write(0, bytes, 128), 0);
    for (unsigned i = 0; i < 128; i++) {
        flash.bytes[i] ^= 0x10;
        assert_false(ferry_flash_reads(&hal, 0, bytes, 128));
        flash.bytes[i] ^= 0x10;
    }
    assert_true(ferry_flash_reads(&hal, 0, bytes, 128));
}

static void the_last_byte_of_a_run_of_any_length_counts(void **state)
{
    (void)state;
    given(SIM_FLASH_SYNC, 0xFF);
    assert_int_equal(erase(0), 0);
    assert_int_equal(write(0, bytes, 128), 0);
    for (unsigned len = 1; len <= 128; len++) {
        flash.bytes[len - 1] ^= 1;
        assert_false(ferry_flash_reads(&hal, 0, bytes, len));
        assert_true(ferry_flash_reads(&hal, 0, bytes, len - 1));
        flash.bytes[len - 1] ^= 1;
    }
}

static void a_done_that_says_pending_or_rubbish_is_a_failure(void **state)
{
    static const int rubbish[] = {FERRY_PENDING, FERRY_MORE, FERRY_VALID, -1, 77};

    (void)state;
    for (size_t i = 0; i < COUNT(rubbish); i++) {
        given(SIM_FLASH_ASYNC, 0xFF);
        assert_int_equal(write(0, bytes, 4), FERRY_PENDING);
        assert_int_equal(ferry_io_done(&io, rubbish[i]), FERRY_E_FLASH);
    }
}

static int unreadable(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    (void)addr;
    memset(buf, 0xFF, len);
    return -1;
}

static void flash_that_cannot_be_read_holds_nothing(void **state)
{
    (void)state;
    given(SIM_FLASH_SYNC, 0xFF);
    hal.read = unreadable;
    assert_int_equal(erase(0), FERRY_E_FLASH);
    assert_false(ferry_flash_reads(&hal, 0, NULL, 4));
}

static void without_a_power_callback_the_supply_is_good(void **state)
{
    (void)state;
    given(SIM_FLASH_SYNC, 0xFF);
    assert_true(ferry_io_power(&io));
    flash.power_low = true;
    assert_false(ferry_io_power(&io));
    hal.power_ok = NULL;
    assert_true(ferry_io_power(&io));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flash_that_answers_at_once_is_done_at_once),
        cmocka_unit_test(a_flash_that_answers_later_is_pending_until_then),
        cmocka_unit_test(a_sliced_erase_asks_for_more_and_lets_writes_through),
        cmocka_unit_test(both_kinds_of_erased_flash_are_known_as_blank),
        cmocka_unit_test(what_flash_claims_is_worth_a_read),
        cmocka_unit_test(a_single_wrong_bit_anywhere_is_seen),
        cmocka_unit_test(the_last_byte_of_a_run_of_any_length_counts),
        cmocka_unit_test(a_done_that_says_pending_or_rubbish_is_a_failure),
        cmocka_unit_test(flash_that_cannot_be_read_holds_nothing),
        cmocka_unit_test(without_a_power_callback_the_supply_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
