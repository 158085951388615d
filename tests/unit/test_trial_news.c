/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what the bootloader relies on when it decides whether a record is worth writing:
 * whatever trial.c does to one shows in its first fields. */
#include "check.h"
#include "records.h"
#include "trial.h"

static const struct ferry_image image = {.digest = {7}, .version = 0x01020000};

static struct ferry_boot_record on_trial(void)
{
    return (struct ferry_boot_record){
        .flags = FERRY_BOOT_ON_TRIAL | FERRY_BOOT_FALLBACK, .trial = 3, .seen = 9};
}

#define expect_news(was, rec) assert_memory_not_equal(rec, was, FERRY_BOOT_NEWS)

static void the_begin_and_the_end_of_a_trial_are_news(void **state)
{
    static const enum ferry_outcome whys[] = {
        FERRY_OUTCOME_FAULTS, FERRY_OUTCOME_POWER, FERRY_OUTCOME_EXPIRED,
        FERRY_OUTCOME_CRASH_LOOP, FERRY_OUTCOME_REFUSED};
    const struct ferry_boot_record was = on_trial();
    const struct ferry_app_record app = {0};
    struct ferry_boot_record rec = was;

    (void)state;
    ferry_trial_begin(&rec, 0, &image, true, &app);
    expect_news(&was, &rec);
    rec = was;
    ferry_trial_confirm(&rec, &image);
    expect_news(&was, &rec);
    for (size_t i = 0; i < COUNT(whys); i++) {
        rec = was;
        ferry_trial_return(&rec, whys[i], &image);
        expect_news(&was, &rec);
    }
}

static void a_refusal_is_news(void **state)
{
    const struct ferry_boot_record was = on_trial();
    struct ferry_boot_record rec = was;

    (void)state;
    ferry_trial_refuse(&rec, image.digest);
    expect_news(&was, &rec);
}

static void a_reset_that_counts_and_a_fault_forgiven_are_news(void **state)
{
    static const enum ferry_reset resets[] = {FERRY_RESET_FAULT, FERRY_RESET_POWER,
                                              FERRY_RESET_SOFT};
    struct ferry_boot_record was = on_trial(), rec;
    const struct ferry_app_record app = {.healthy = 1};

    (void)state;
    for (size_t i = 0; i < COUNT(resets); i++) {
        rec = was;
        assert_int_equal(ferry_trial_count(&rec, resets[i], false), FERRY_OUTCOME_NONE);
        expect_news(&was, &rec);
    }
    was.flags = 0;
    was.faults = 2;
    rec = was;
    ferry_trial_forgive(&rec, &app);
    expect_news(&was, &rec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_begin_and_the_end_of_a_trial_are_news),
        cmocka_unit_test(a_refusal_is_news),
        cmocka_unit_test(a_reset_that_counts_and_a_fault_forgiven_are_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
