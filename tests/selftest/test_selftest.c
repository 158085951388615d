/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the port's self-test: it passes a port that keeps its promises, through resets
 * and power failures, and names the fault of each that does not. */
#include <stdio.h>

#include "broken.h"
#include "check.h"
#include "chip.h"

#define STARTS_MAX 8U

static struct chip chip;
static struct broken broken;
static struct broken_kept broken_kept;
static struct {
    const char *first_failure;
    unsigned passed, failed, skipped, starts;
} said;

static void say(void *ctx, const char *check, enum ferry_port_verdict verdict)
{
    (void)ctx;
    said.passed += verdict == FERRY_PORT_PASSED;
    said.failed += verdict == FERRY_PORT_FAILED;
    said.skipped += verdict == FERRY_PORT_SKIPPED;
    if (verdict == FERRY_PORT_FAILED && said.first_failure == NULL) {
        said.first_failure = check;
    }
}

/* One start, up to its reset: by software, or by the watchdog. */
static int start(enum broken_how how)
{
    static struct ferry_port_selftest bad;
    jmp_buf bite;

    said.starts++;
    broken_make(&broken, how, &broken_kept, &chip.port, &bad);
    chip.bite = &bite;
    if (setjmp(bite) != 0) {
        chip_reset(&chip, FERRY_RESET_FAULT);
        return FERRY_PORT_SELFTEST_RESET;
    }
    int verdict = ferry_port_selftest(&bad);
    chip_reset(&chip, FERRY_RESET_SOFT);
    return verdict;
}

static void begin(uint32_t erase_unit, uint8_t write_unit, uint8_t erased)
{
    memset(&said, 0, sizeof said);
    memset(&broken_kept, 0, sizeof broken_kept);
    chip_init(&chip, erase_unit, write_unit, erased);
    chip.port.say = say;
}

static int until_verdict(enum broken_how how)
{
    int verdict = FERRY_PORT_SELFTEST_RESET;

    while (verdict == FERRY_PORT_SELFTEST_RESET) {
        assert_true(said.starts < STARTS_MAX);
        verdict = start(how);
    }
    return verdict;
}

static int run(enum broken_how how)
{
    begin(1024, 4, 0xFF);
    return until_verdict(how);
}

static void expect_good(enum broken_how how)
{
    int verdict = until_verdict(how);

    if (verdict != 0) {
        fail_msg("%s: %s", broken_name(how), said.first_failure);
    }
    assert_int_equal(said.failed, 0);
    assert_int_equal(said.starts, 4);
    assert_true(chip_spared_others(&chip));
}

static void a_port_that_keeps_its_promises_passes_everything(void **state)
{
    (void)state;
    begin(1024, 4, 0xFF);
    expect_good(WELL);
    assert_int_equal(said.skipped, 2); /* no slices, nothing pending */
    begin(1024, 4, 0xFF);
    expect_good(WELL_LATER);
    assert_int_equal(said.skipped, 1);
    begin(1024, 4, 0xFF);
    expect_good(WELL_SLICED);
    assert_int_equal(said.skipped, 1);
}

static void any_geometry_that_ferry_knows_passes(void **state)
{
    (void)state;
    for (uint8_t w = 1; w <= 32; w = (uint8_t)(w * 2)) {
        for (uint32_t unit = 512; unit <= 4096; unit *= 2) {
            begin(unit, w, 0xFF);
            expect_good(WELL);
            begin(unit, w, 0x00);
            expect_good(WELL_SLICED);
        }
    }
}

static void every_fault_is_named_by_its_sentence(void **state)
{
    (void)state;
    for (int how = WELL_SLICED + 1; how < BROKEN_END; how++) {
        const char *want = broken_named_by((enum broken_how)how);
        int verdict = run((enum broken_how)how);
        if (verdict <= 0 || said.first_failure == NULL ||
            strcmp(said.first_failure, want) != 0) {
            fail_msg("%s: %d failed, the first: %s", broken_name((enum broken_how)how),
                     verdict, said.first_failure);
        }
        assert_int_equal(verdict, (int)said.failed);
    }
}

/* The user switches it off and on instead, or somebody trips over the cable. */
static void
a_power_failure_between_two_parts_costs_only_that_resets_checks(void **state)
{
    (void)state;
    for (unsigned cut = 1; cut <= 3; cut++) {
        begin(1024, 4, 0xFF);
        for (unsigned i = 0; i < cut; i++) {
            assert_int_equal(start(WELL), FERRY_PORT_SELFTEST_RESET);
        }
        chip_reset(&chip, FERRY_RESET_POWER);
        assert_int_equal(until_verdict(WELL), 0);
        assert_true(said.skipped > 2);
    }
}

/* What failed before a reset is not forgotten by the verdict. */
static void failures_before_a_reset_count_in_the_verdict(void **state)
{
    (void)state;
    assert_int_equal(run(CLOCK_TOO_FAST), 1);
    assert_true(said.starts > 1);
}

static void the_next_run_begins_anew(void **state)
{
    (void)state;
    assert_int_equal(run(WELL), 0);
    unsigned checks = said.passed;
    memset(&said, 0, sizeof said);
    assert_int_equal(until_verdict(WELL), 0);
    assert_int_equal(said.passed, checks);
}

static void a_port_that_gives_no_means_is_told_what_was_not_tried(void **state)
{
    (void)state;
    begin(1024, 4, 0xFF);
    chip.flash.lock = NULL;
    chip.crypto.sign = NULL;
    chip.port.micros = NULL;
    chip.port.set_millis = NULL;
    chip.port.arm_watchdog = NULL;
    assert_int_equal(until_verdict(WELL), 0);
    assert_int_equal(said.skipped, 8);
    assert_int_equal(said.starts, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_keeps_its_promises_passes_everything),
        cmocka_unit_test(any_geometry_that_ferry_knows_passes),
        cmocka_unit_test(every_fault_is_named_by_its_sentence),
        cmocka_unit_test(
            a_power_failure_between_two_parts_costs_only_that_resets_checks),
        cmocka_unit_test(failures_before_a_reset_count_in_the_verdict),
        cmocka_unit_test(the_next_run_begins_anew),
        cmocka_unit_test(a_port_that_gives_no_means_is_told_what_was_not_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
