/* SPDX-License-Identifier: Apache-2.0
 *
 * Who a rollout is for, and in which arm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cohort.h"

#define V(major, minor) ((uint32_t)(major) << 24 | (uint32_t)(minor) << 16)

static const struct cohort_release release = {.class_id = {7},
                                              .version = V(1, 4),
                                              .min_from = V(1, 1),
                                              .slot = 1,
                                              .sec_ctr = 9,
                                              .hw_rev = {2, 5}};
static const struct cohort_predicate anybody = {
    {0, UINT32_MAX}, {0, UINT32_MAX}, 0, 0, 0};
static const struct cohort_device sample = {
    .id = {1}, .class_id = {7}, .hw_rev = 3, .version = V(1, 2), .floor = 1U << 24 | 5};

static void each_reason_has_its_name(void **state)
{
    static const struct {
        struct cohort_device change;
        enum cohort_why why;
    } row[] = {
        {{.class_id = {8}, .hw_rev = 3, .version = V(1, 2)}, COHORT_CLASS},
        {{.class_id = {7}, .hw_rev = 1, .version = V(1, 2)}, COHORT_HW},
        {{.class_id = {7}, .hw_rev = 6, .version = V(1, 2)}, COHORT_HW},
        {{.class_id = {7}, .hw_rev = 2, .version = V(1, 4), .floor = 1U << 24},
         COHORT_HAS_IT},
        {{.class_id = {7}, .hw_rev = 2, .version = V(1, 5), .floor = 1U << 24},
         COHORT_HAS_IT},
        {{.class_id = {7}, .hw_rev = 5, .version = V(1, 0)}, COHORT_MIN_FROM},
        {{.class_id = {7}, .hw_rev = 5, .version = V(1, 2), .floor = 1U << 24 | 10},
         COHORT_FLOOR},
        {{.class_id = {7}, .hw_rev = 5, .version = V(1, 2), .floor = 2U << 24},
         COHORT_FLOOR},
        {{.class_id = {7},
          .hw_rev = 5,
          .version = V(1, 2),
          .floor = 1U << 24,
          .grave = V(1, 4)},
         COHORT_GRAVE},
        {{.class_id = {7},
          .hw_rev = 5,
          .version = V(1, 2),
          .floor = 1U << 24,
          .grave = V(1, 3)},
         COHORT_FITS},
        {{.class_id = {7}, .hw_rev = 5, .version = V(1, 1), .floor = 1U << 24 | 9},
         COHORT_FITS},
    };
    (void)state;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(cohort_fits(&row[i].change, &release, &anybody), row[i].why);
    }
}

/* A stolen key's 255.255 must not keep a fleet from its next key. */
static void a_newer_key_outranks_every_version_and_every_grave(void **state)
{
    struct cohort_device d = sample;
    (void)state;

    d.version = UINT32_MAX;
    d.grave = UINT32_MAX;
    d.floor = 0xFFFFFF; /* slot 0, its highest counter */
    assert_int_equal(cohort_fits(&d, &release, &anybody), COHORT_FITS);
    d.floor = 1U << 24;
    assert_int_equal(cohort_fits(&d, &release, &anybody), COHORT_HAS_IT);
}

static void a_recoverys_image_is_measured_by_its_counter_alone(void **state)
{
    struct cohort_device d = sample;
    struct cohort_release r = release;
    (void)state;

    r.slot = 7;
    d.floor = 3U << 24 | 9;
    assert_int_equal(cohort_fits(&d, &r, &anybody), COHORT_FITS);
    d.floor = 10;
    assert_int_equal(cohort_fits(&d, &r, &anybody), COHORT_FLOOR);
}

static void a_predicate_leaves_out_by_each_of_its_parts(void **state)
{
    struct cohort_predicate p = anybody;
    struct cohort_device d = sample;
    (void)state;

    d.region = 4;
    d.tags = 6;
    p = (struct cohort_predicate){{3, 3}, {V(1, 2), V(1, 2)}, 1U << 4, 2, 9};
    assert_int_equal(cohort_fits(&d, &release, &p), COHORT_FITS);
    struct cohort_predicate other[] = {p, p, p, p, p};
    other[0].hw_rev = (struct cohort_range){4, 5};
    other[1].version = (struct cohort_range){V(1, 3), V(1, 3)};
    other[2].regions = 1U << 3;
    other[3].tags_all = 3;
    other[4].tags_none = 4;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(cohort_fits(&d, &release, &other[i]), COHORT_NOT_MEANT);
    }
    d.region = 200; /* a region nobody can name in a predicate */
    assert_int_equal(cohort_fits(&d, &release, &p), COHORT_NOT_MEANT);
}

static void numbered(struct cohort_device *d, uint32_t n)
{
    memset(d, 0, sizeof *d);
    memcpy(d->id, &n, sizeof n);
}

static void places_are_spread_evenly_and_are_others_under_another_salt(void **state)
{
    static const uint8_t salt[2][COHORT_SALT_LEN] = {{1}, {2}};
    unsigned tenth[10] = {0}, both = 0;
    struct cohort_device d;
    (void)state;

    for (uint32_t n = 0; n < 20000; n++) {
        numbered(&d, n);
        uint32_t place = cohort_place(salt[0], &d);
        assert_true(place < COHORT_ALL);
        assert_int_equal(place, cohort_place(salt[0], &d));
        tenth[place / (COHORT_ALL / 10)]++;
        both += place < COHORT_ALL / 10 && cohort_place(salt[1], &d) < COHORT_ALL / 10;
    }
    for (unsigned i = 0; i < 10; i++) {
        assert_in_range(tenth[i], 1800, 2200); /* 2000 +- 4.7 standard deviations */
    }
    assert_in_range(both, 134, 266); /* a hundredth: not the same canaries again */
}

static void a_household_has_one_place(void **state)
{
    static const uint8_t salt[COHORT_SALT_LEN] = {5};
    struct cohort_device a, b;
    (void)state;

    numbered(&a, 1);
    numbered(&b, 2);
    assert_int_not_equal(cohort_place(salt, &a), cohort_place(salt, &b));
    a.group[3] = b.group[3] = 9;
    assert_int_equal(cohort_place(salt, &a), cohort_place(salt, &b));
}

static void stages_are_nested_and_evict_nobody(void **state)
{
    static const struct cohort_stage stage[] = {
        {20000, 100000}, {100000, 100000}, {500000, 100000}, {1000000, 0}};
    (void)state;

    for (size_t i = 0; i + 1 < 4; i++) {
        assert_true(cohort_stage_follows(&stage[i], &stage[i + 1]));
        assert_false(cohort_stage_follows(&stage[i + 1], &stage[i]));
        for (uint32_t place = 0; place < COHORT_ALL; place += 999) {
            enum cohort_arm now = cohort_arm(&stage[i], place);
            enum cohort_arm then = cohort_arm(&stage[i + 1], place);
            assert_true(now != COHORT_TREATED || then == COHORT_TREATED);
            assert_true(then != COHORT_CONTROL || now == COHORT_CONTROL);
        }
    }
    assert_int_equal(cohort_arm(&stage[0], 19999), COHORT_TREATED);
    assert_int_equal(cohort_arm(&stage[0], 20000), COHORT_OUTSIDE);
    assert_int_equal(cohort_arm(&stage[0], 899999), COHORT_OUTSIDE);
    assert_int_equal(cohort_arm(&stage[0], 900000), COHORT_CONTROL);
    assert_int_equal(cohort_arm(&stage[3], 999999), COHORT_TREATED);
    assert_false(
        cohort_stage_follows(&stage[2], &(struct cohort_stage){950000, 100000}));
}

static void what_must_be_passed_through_comes_first(void **state)
{
    static const uint32_t must[] = {V(1, 2), V(1, 5), V(2, 0)};
    (void)state;

    assert_int_equal(cohort_next_hop(V(1, 0), V(2, 1), must, 3), V(1, 2));
    assert_int_equal(cohort_next_hop(V(1, 2), V(2, 1), must, 3), V(1, 5));
    assert_int_equal(cohort_next_hop(V(1, 9), V(2, 1), must, 3), V(2, 0));
    assert_int_equal(cohort_next_hop(V(2, 0), V(2, 1), must, 3), V(2, 1));
    assert_int_equal(cohort_next_hop(V(1, 0), V(1, 1), must, 3), V(1, 1));
    assert_int_equal(cohort_next_hop(V(1, 0), V(1, 2), must, 3), V(1, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_its_name),
        cmocka_unit_test(a_newer_key_outranks_every_version_and_every_grave),
        cmocka_unit_test(a_recoverys_image_is_measured_by_its_counter_alone),
        cmocka_unit_test(a_predicate_leaves_out_by_each_of_its_parts),
        cmocka_unit_test(places_are_spread_evenly_and_are_others_under_another_salt),
        cmocka_unit_test(a_household_has_one_place),
        cmocka_unit_test(stages_are_nested_and_evict_nobody),
        cmocka_unit_test(what_must_be_passed_through_comes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
