/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the judge has nothing to say about a good field, and something about one that
 * is bad in any single way; that lives are summed as they should be; and that what it
 * judges are lives that repeat, and that know a brick when they are one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "judge.h"
#include "life_in.h"

#define DEVICES 100U

static struct life_result lives[DEVICES];

static struct field good(void)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        lives[i] = (struct life_result){.days = 1 + i / 10.0,
                                        .mtu_class = (uint8_t)(i % LIFE_CLASSES),
                                        .image_len = 1000,
                                        .sent = 1100,
                                        .wire = 1200,
                                        .values = 1000,
                                        .lost = 10,
                                        .gone = 1,
                                        .killed = 1,
                                        .reset = 1};
    }
    return (struct field){1, true, lives, DEVICES, 200};
}

static void a_good_field_is_not_complained_about(void **state)
{
    struct field f = good();

    (void)state;
    assert_int_equal(judge_field(&f), 0);
}

static void a_single_brick_stray_or_late_device_is_complained_about(void **state)
{
    struct field f = good();

    (void)state;
    lives[7].brick = true;
    assert_int_equal(judge_field(&f), 1);
    f = good();
    lives[99].stray = true;
    assert_int_equal(judge_field(&f), 1);
    f = good();
    lives[0].days = -1;
    assert_int_equal(judge_field(&f), 1);
    f.resume = false; /* without a cursor not all get there, */
    assert_int_equal(judge_field(&f), 0);
    lives[0].brick = true; /* but all of them boot */
    assert_int_equal(judge_field(&f), 1);
}

static void
more_than_one_in_twenty_that_send_too_much_are_complained_about(void **state)
{
    struct field f = good();

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        lives[i].sent = 1151;
    }
    assert_int_equal(judge_field(&f), 0);
    lives[5].sent = 1151;
    assert_int_equal(judge_field(&f), 1);
    lives[5].sent = 1150;
    assert_int_equal(judge_field(&f), 0);
    lives[4].sent = 1150;
    lives[5].sent = 9999;
    lives[5].reset = 2; /* the fourth interruption: another matter */
    assert_int_equal(judge_field(&f), 0);
    lives[5].reset = 1;
    lives[5].lost = 16; /* and so is worse air */
    assert_int_equal(judge_field(&f), 0);
}

static void days_and_bytes_are_summed_by_rank(void **state)
{
    struct field f = good();
    struct sums s;

    (void)state;
    sums_make(&s, f.r, f.n, SUMS_ALL); /* 1.0, 1.1, ... 10.9 days */
    assert_int_equal(s.devices, 100);
    assert_int_equal(s.updated, 100);
    assert_true(s.days.median == lives[49].days);
    assert_true(s.days.p95 == lives[94].days);
    assert_true(s.days.p99 == lives[98].days);
    assert_true(s.days.most == lives[99].days);
    assert_true(s.sent.mean > 1.0999 && s.sent.mean < 1.1001);
    assert_int_equal(s.gone + s.killed + s.reset, 300);
    sums_make(&s, f.r, f.n, 0);
    assert_int_equal(s.devices, 34);
    assert_true(sums_updated_by(f.r, f.n, 1.95) == 10.0);
}

/* ---- lives ----------------------------------------------------------------------- */

static void a_life_repeats_whatever_was_lived_before(void **state)
{
    struct life_wish wish = {.seed = 3, .number = 5, .resume = true};
    struct life_result first, again;

    (void)state;
    memset(&first, 0, sizeof first);
    life_prepare(48U * 1024U);
    life_live(&wish, &first);
    assert_true(first.days > 0);
    wish.number = 6;
    life_live(&wish, &again);
    assert_memory_not_equal(&first, &again, sizeof first);
    wish.number = 5;
    life_live(&wish, &again);
    assert_memory_equal(&first, &again, sizeof first);
}

static void expect_nothing_lost(const struct life_result *r)
{
    assert_true(r->days > 0 && r->days < LIFE_DAYS);
    assert_true(r->sent >= r->image_len);
    assert_true(r->wire > r->sent);
    assert_false(r->brick || r->stray);
}

static void a_few_lives_lose_nothing_and_are_cut_and_interrupted(void **state)
{
    struct life_wish wish = {.seed = 2, .resume = true};
    struct life_result r;
    uint32_t cuts = 0, interruptions = 0;

    (void)state;
    for (wish.number = 1; wish.number <= 12; wish.number++) {
        life_live(&wish, &r);
        expect_nothing_lost(&r);
        cuts += life_cuts(&r);
        interruptions += life_interruptions(&r);
    }
    assert_true(cuts > 0);
    assert_true(interruptions > 0);
}

/* A life whose device was updated, and what it becomes if its flash is spoilt. */
static void a_device_whose_banks_are_spoilt_is_known_for_a_brick(void **state)
{
    static struct life l;
    struct world_options o;

    (void)state;
    memset(&l, 0, sizeof l);
    world_defaults(&o);
    o.bank_len = 256U * 1024U;
    o.factory = *goods_artifact(0);
    world_init(&l.w, &o);
    life_started(&l);
    assert_false(l.r.brick || l.r.stray);
    assert_int_equal(life_running(&l), 0);
    l.w.flash.bytes[l.w.map.bank[0].addr + l.w.map.header_len] ^= 1;
    life_started(&l); /* it runs still, but it is not what was signed */
    assert_true(l.r.stray);
    l.r.stray = false;
    world_power_cut(&l.w);
    life_started(&l);
    assert_true(l.r.brick);
    assert_true(l.over);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_field_is_not_complained_about),
        cmocka_unit_test(a_single_brick_stray_or_late_device_is_complained_about),
        cmocka_unit_test(
            more_than_one_in_twenty_that_send_too_much_are_complained_about),
        cmocka_unit_test(days_and_bytes_are_summed_by_rank),
        cmocka_unit_test(a_life_repeats_whatever_was_lived_before),
        cmocka_unit_test(a_few_lives_lose_nothing_and_are_cut_and_interrupted),
        cmocka_unit_test(a_device_whose_banks_are_spoilt_is_known_for_a_brick),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
