/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a flash file tells its user while it works (hooks, durations, power), and
 * what an operation leaves that a hook made fail. */
#include "bench.h"

static const struct ferry_flash_geometry plain = {
    .size = 16384, .erase_unit = 4096, .write_unit = 4, .erased = 0xFF};
static struct bench b;
static const uint32_t some[128] = {0x12345678, 0x9ABCDEF0};

struct moment {
    enum ferry_flash_file_op op;
    enum ferry_flash_file_moment moment;
    uint32_t addr, len;
    uint32_t done;   /* bytes of it that read as new */
    uint64_t passed; /* µs, before it */
};

static struct moment seen[16];
static unsigned seen_n;
static int fail_at; /* a moment, or -1 */
static uint64_t passed;

static void pass(void *ctx, uint32_t us)
{
    assert_ptr_equal(ctx, &passed);
    passed += us;
}

static int hook(void *ctx, enum ferry_flash_file_op op,
                enum ferry_flash_file_moment moment, uint32_t addr, uint32_t len)
{
    struct moment *m = &seen[seen_n++];

    assert_ptr_equal(ctx, &b);
    *m = (struct moment){op, moment, addr, len, 0, passed};
    for (uint32_t i = 0; i < len; i++) {
        uint8_t fresh = op == FERRY_FLASH_FILE_ERASE ? 0xFF : 0x00;
        m->done += b.file.bytes[addr + i] == fresh;
    }
    return (int)moment == fail_at ? -1 : 0;
}

static void watch(int moment)
{
    bench_fresh(&b, &plain);
    b.file.hook = hook;
    b.file.pass = pass;
    b.file.pass_ctx = &passed;
    b.file.erase_ms = 85;
    b.file.word_us = 41;
    seen_n = 0;
    passed = 0;
    fail_at = moment;
}

static void expect_moment(unsigned i, enum ferry_flash_file_op op,
                          enum ferry_flash_file_moment moment, uint32_t addr,
                          uint32_t len, uint32_t done, uint64_t us)
{
    assert_int_equal(seen[i].op, op);
    assert_int_equal(seen[i].moment, moment);
    assert_int_equal(seen[i].addr, addr);
    assert_int_equal(seen[i].len, len);
    assert_int_equal(seen[i].done, done);
    assert_int_equal(seen[i].passed, us);
}

static void a_hook_sees_the_beginning_the_middle_and_the_end(void **state)
{
    static const uint32_t zeros[16] = {0};
    const uint32_t half = 15 * 41 / 2;

    (void)state;
    watch(-1);
    assert_int_equal(bench_write(&b, 8192, zeros, 60), 0);
    assert_int_equal(seen_n, 3);
    expect_moment(0, FERRY_FLASH_FILE_WRITE, FERRY_FLASH_FILE_BEFORE, 8192, 60, 0, 0);
    expect_moment(1, FERRY_FLASH_FILE_WRITE, FERRY_FLASH_FILE_HALFWAY, 8192, 60, 30,
                  half);
    expect_moment(2, FERRY_FLASH_FILE_WRITE, FERRY_FLASH_FILE_AFTER, 8192, 60, 60,
                  2 * half);
    assert_int_equal(passed, 2 * half);
    for (uint32_t at = 8192 + 60; at + 4 <= 12288; at += 4) {
        assert_int_equal(bench_write(&b, at, zeros, 4), 0);
        seen_n = 0;
    }
    passed = 0;
    assert_int_equal(bench_erase(&b, 8192), 0);
    assert_int_equal(seen_n, 3);
    expect_moment(0, FERRY_FLASH_FILE_ERASE, FERRY_FLASH_FILE_BEFORE, 8192, 4096, 0, 0);
    expect_moment(1, FERRY_FLASH_FILE_ERASE, FERRY_FLASH_FILE_HALFWAY, 8192, 4096, 2048,
                  42500);
    expect_moment(2, FERRY_FLASH_FILE_ERASE, FERRY_FLASH_FILE_AFTER, 8192, 4096, 4096,
                  85000);
    assert_int_equal(passed, 85000);
    bench_close(&b);
}

static void a_refused_call_takes_no_time_and_calls_no_hook(void **state)
{
    (void)state;
    watch(-1);
    assert_int_equal(bench_write(&b, 2, some, 4), FERRY_E_FLASH);
    assert_int_equal(bench_erase(&b, 2), FERRY_E_FLASH);
    assert_int_equal(seen_n, 0);
    assert_int_equal(passed, 0);
    bench_close(&b);
}

/* Each point at which a hook may fail an operation is one where a cut may hit it. */
static void a_hook_can_fail_an_operation_at_each_of_the_three(void **state)
{
    static const struct {
        int moment;
        bool blank_after_write, blank_after_erase;
        uint32_t written, erases;
    } rows[] = {{FERRY_FLASH_FILE_BEFORE, true, true, 0, 0},
                {FERRY_FLASH_FILE_HALFWAY, false, false, 32, 0},
                {FERRY_FLASH_FILE_AFTER, false, true, 64, 1}};
    static const uint32_t zeros[16] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        watch(rows[i].moment);
        assert_int_equal(bench_write(&b, 0, zeros, 64), FERRY_E_FLASH);
        assert_int_equal(ferry_flash_file_blank(&b.file, 60),
                         rows[i].blank_after_write);
        uint32_t written = 0;
        while (b.file.bytes[written] == 0) {
            written++;
        }
        assert_int_equal(written, rows[i].written);
        assert_int_equal(bench_erase(&b, 4096), FERRY_E_FLASH);
        assert_int_equal(ferry_flash_file_blank(&b.file, 4096),
                         rows[i].blank_after_erase);
        assert_int_equal(b.file.erases, rows[i].erases);
        assert_int_equal(b.refusals, 0);
        bench_close(&b);
    }
}

static void
a_unit_whose_erase_did_not_end_is_written_only_after_another_erase(void **state)
{
    const char *rule = "write to an erase unit whose erase did not end";

    (void)state;
    watch(FERRY_FLASH_FILE_HALFWAY);
    assert_int_equal(bench_erase(&b, 4096), FERRY_E_FLASH);
    b.file.hook = NULL;
    expect_refused(&b, bench_write(&b, 8188, some, 4), rule, 8188);
    expect_refused(&b, bench_write(&b, 4092, some, 8), rule, 4096);
    bench_close(&b);
    bench_open(&b, port_path("flash"), &plain);
    expect_refused(&b, bench_write(&b, 4096, some, 4), rule, 4096);
    assert_int_equal(bench_erase(&b, 4096), 0);
    assert_int_equal(bench_write(&b, 4096, some, 4), 0);
    bench_close(&b);
}

static void power_is_low_when_it_is_said_to_be(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    assert_true(b.hal.power_ok(b.hal.ctx));
    b.file.power_low = true;
    assert_false(b.hal.power_ok(b.hal.ctx));
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hook_sees_the_beginning_the_middle_and_the_end),
        cmocka_unit_test(a_refused_call_takes_no_time_and_calls_no_hook),
        cmocka_unit_test(a_hook_can_fail_an_operation_at_each_of_the_three),
        cmocka_unit_test(
            a_unit_whose_erase_did_not_end_is_written_only_after_another_erase),
        cmocka_unit_test(power_is_low_when_it_is_said_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
