/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how long the simulated flash takes: an nRF52840's page and word, whole or in
 * slices, and that nothing has happened before the end. */
#include "check.h"
#include "flash_time.h"

static struct sim_flash flash;
static struct flash_time t;
static struct ferry_flash inner, hal;
static uint32_t now;
static uint8_t bytes[512] __attribute__((aligned(4)));

static void given(enum flash_time_model model)
{
    now = 1000;
    sim_flash_init(&flash, 65536, 4096, 4, 0xFF);
    sim_flash_grant(&flash, 0, 0, 65536);
    inner = sim_flash_hal(&flash, &now);
    hal = flash_time_hal(&t, model, &flash, &inner);
    memset(bytes, 0x5A, sizeof bytes);
}

/* Wait for the outstanding call: what it ended with, and when. */
static int ended(uint32_t *ms)
{
    uint32_t began = now;
    int status = 99;

    assert_false(flash_time_ended(&t, now, &status));
    now += flash_time_wait(&t, now) - 1;
    assert_false(flash_time_ended(&t, now, &status));
    now++;
    assert_true(flash_time_ended(&t, now, &status));
    assert_int_equal(flash_time_wait(&t, now), UINT32_MAX);
    *ms = now - began;
    return status;
}

static void a_page_takes_85_ms_and_is_blank_then_and_not_before(void **state)
{
    uint32_t ms;

    (void)state;
    given(FLASH_ALIVE);
    assert_int_equal(hal.erase(hal.ctx, 4096), FERRY_PENDING);
    assert_int_equal(flash.bytes[4096], 0);
    assert_int_equal(ended(&ms), 0);
    assert_int_equal(ms, 85);
    assert_int_equal(flash.bytes[4096], 0xFF);
}

static void words_take_41_us_whatever_a_millisecond_is(void **state)
{
    uint32_t ms, sum = 0;

    (void)state;
    given(FLASH_ALIVE);
    assert_int_equal(hal.erase(hal.ctx, 0), FERRY_PENDING);
    assert_int_equal(ended(&ms), 0);
    for (uint32_t i = 0; i < 32; i++) {
        assert_int_equal(hal.write(hal.ctx, i * 128, bytes, 128), FERRY_PENDING);
        assert_int_equal(ended(&ms), 0);
        sum += ms;
    }
    assert_int_equal(sum, 42); /* 1024 words: 41.98 ms */
    assert_int_equal(flash.bytes[4095], 0x5A);
    assert_int_equal(hal.erase(hal.ctx, 4096), FERRY_PENDING);
    assert_int_equal(ended(&ms), 0);
    now += 10; /* what was left of a millisecond is gone */
    assert_int_equal(hal.write(hal.ctx, 4096, bytes, 4), FERRY_PENDING);
    assert_int_equal(ended(&ms), 0);
    assert_int_equal(ms, 1);
}

static void slices_make_up_a_page_and_writes_fit_between(void **state)
{
    uint32_t ms, sum = 0;

    (void)state;
    given(FLASH_SLICED);
    for (unsigned slice = 1; slice <= flash.slices; slice++) {
        assert_int_equal(hal.erase(hal.ctx, 8192), FERRY_PENDING);
        assert_int_equal(ended(&ms), slice < flash.slices ? FERRY_MORE : 0);
        sum += ms;
    }
    assert_in_range(sum, 85, 86);
    assert_int_equal(hal.write(hal.ctx, 8192, bytes, 128), FERRY_PENDING);
    assert_int_equal(ended(&ms), 0);
}

static void only_one_model_silences_the_radio_and_only_while_it_erases(void **state)
{
    static const enum flash_time_model models[] = {FLASH_ALIVE, FLASH_SLICED,
                                                   FLASH_SILENT};
    uint32_t ms;

    (void)state;
    for (size_t i = 0; i < COUNT(models); i++) {
        given(models[i]);
        assert_false(flash_time_silent(&t));
        assert_int_equal(hal.erase(hal.ctx, 0), FERRY_PENDING);
        assert_int_equal(flash_time_silent(&t), models[i] == FLASH_SILENT);
        (void)ended(&ms);
        assert_false(flash_time_silent(&t));
    }
    assert_int_equal(hal.write(hal.ctx, 0, bytes, 4), FERRY_PENDING);
    assert_false(flash_time_silent(&t));
}

static void reads_locks_and_the_supply_are_those_of_the_flash(void **state)
{
    uint8_t got[4];

    (void)state;
    given(FLASH_ALIVE);
    flash.bytes[100] = 0x77;
    assert_int_equal(hal.read(hal.ctx, 100, got, 4), 0);
    assert_int_equal(got[0], 0x77);
    assert_true(hal.power_ok(hal.ctx));
    flash.power_low = true;
    assert_false(hal.power_ok(hal.ctx));
    assert_int_equal(hal.lock(hal.ctx, 4096, 4096), 0);
    assert_int_equal(flash.locked_n, 1);
}

static void a_supply_that_goes_leaves_the_flash_as_it_was(void **state)
{
    (void)state;
    given(FLASH_SILENT);
    assert_int_equal(hal.erase(hal.ctx, 0), FERRY_PENDING);
    flash_time_reset(&t);
    assert_false(flash_time_silent(&t));
    assert_int_equal(flash_time_wait(&t, now), UINT32_MAX);
    assert_int_equal(flash.bytes[0], 0);
}

static void a_timeless_flash_answers_at_once(void **state)
{
    (void)state;
    given(FLASH_TIMELESS);
    assert_int_equal(hal.erase(hal.ctx, 0), 0);
    assert_int_equal(hal.write(hal.ctx, 0, bytes, 128), 0);
    assert_int_equal(flash_time_wait(&t, now), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_takes_85_ms_and_is_blank_then_and_not_before),
        cmocka_unit_test(words_take_41_us_whatever_a_millisecond_is),
        cmocka_unit_test(slices_make_up_a_page_and_writes_fit_between),
        cmocka_unit_test(only_one_model_silences_the_radio_and_only_while_it_erases),
        cmocka_unit_test(reads_locks_and_the_supply_are_those_of_the_flash),
        cmocka_unit_test(a_supply_that_goes_leaves_the_flash_as_it_was),
        cmocka_unit_test(a_timeless_flash_answers_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
