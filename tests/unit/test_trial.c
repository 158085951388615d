/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests trial.c against a second account of the same rules, over every order of resets
 * and over random lives: budgets, forgiveness, tombstones, floor, numbers that wrap. */
#include "trial.h"

#include "check.h"
#include "policy.h"

static struct dice dice = {271828183};

static const struct ferry_image old_image = {{0x01}, 0x01000000, 5, 0};
static const struct ferry_image new_image = {{0x02}, 0x01010000, 7, 0};
static const struct ferry_app_record no_app;

/* `new_image` on trial in bank 1, `old_image` behind it. */
static struct ferry_boot_record on_trial(void)
{
    struct ferry_boot_record rec;

    memset(&rec, 0, sizeof rec);
    memcpy(rec.active, old_image.digest, sizeof rec.active);
    memset(rec.spare, 0x5A, sizeof rec.spare);
    rec.floor = 5;
    ferry_trial_begin(&rec, 1, &new_image, true, &no_app);
    return rec;
}

/* ---- counting -------------------------------------------------------------------- */

enum happening { FAULT, SOFT, POWER, WAKE, PLANNED, EXPIRED, HAPPENINGS };

static enum ferry_outcome happens(struct ferry_boot_record *rec, enum happening what)
{
    static const enum ferry_reset resets[] = {FERRY_RESET_FAULT,   FERRY_RESET_SOFT,
                                              FERRY_RESET_POWER,   FERRY_RESET_WAKE,
                                              FERRY_RESET_PLANNED, FERRY_RESET_PLANNED};

    return ferry_trial_count(rec, resets[what], what == EXPIRED);
}

/* What the design says of a trial with so many of each behind it. */
static enum ferry_outcome verdict(unsigned faults, unsigned expiries, unsigned powers)
{
    if (faults >= 3) {
        return FERRY_OUTCOME_FAULTS;
    }
    if (faults + expiries >= 3) {
        return FERRY_OUTCOME_EXPIRED;
    }
    return powers >= 10 ? FERRY_OUTCOME_POWER : FERRY_OUTCOME_NONE;
}

static void every_order_of_six_resets_in_a_trial_is_counted_right(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 46656; order++) { /* 6^6 */
        struct ferry_boot_record rec = on_trial();
        unsigned n[HAPPENINGS] = {0};
        rec.powers = 7;
        for (unsigned i = 0, rest = order; i < 6; i++, rest /= HAPPENINGS) {
            enum happening what = (enum happening)(rest % HAPPENINGS);
            n[what]++;
            unsigned faults = n[FAULT] + n[SOFT];
            enum ferry_outcome want = verdict(faults, n[EXPIRED], 7 + n[POWER]);
            assert_int_equal(happens(&rec, what), want);
            unsigned spent = faults + n[EXPIRED];
            assert_int_equal(ferry_trial_attempts(&rec), spent < 3 ? 3 - spent : 1);
            if (want != FERRY_OUTCOME_NONE) {
                break;
            }
        }
    }
}

/* A trial that nothing can end counts no further, so that it stops writing. */
static void counts_of_a_trial_stop_at_their_limits(void **state)
{
    (void)state;
    struct ferry_boot_record rec = on_trial();
    for (unsigned i = 0; i < 600; i++) {
        (void)!happens(&rec, (enum happening)(i % HAPPENINGS));
    }
    assert_int_equal(rec.faults, 3);
    assert_int_equal(rec.expiries, 3);
    assert_int_equal(rec.powers, 10);
    assert_int_equal(rec.resets, 0);
    struct ferry_boot_record before = rec;
    assert_int_equal(happens(&rec, FAULT), FERRY_OUTCOME_FAULTS);
    assert_memory_equal(&rec, &before, sizeof rec);
}

static void a_reset_of_no_known_kind_counts_nowhere(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 256; kind++) {
        struct ferry_boot_record rec = on_trial(), before = rec;
        if (kind >= FERRY_RESET_POWER && kind <= FERRY_RESET_SOFT) {
            continue;
        }
        for (unsigned trial = 0; trial < 2; trial++) {
            assert_int_equal(ferry_trial_count(&rec, (enum ferry_reset)kind, false),
                             FERRY_OUTCOME_NONE);
            assert_memory_equal(&rec, &before, sizeof rec);
            rec.flags &= (uint8_t)~FERRY_BOOT_ON_TRIAL;
            before = rec;
        }
    }
}

/* ---- confirmed ------------------------------------------------------------------- */

/* Random lives of a confirmed image: faults, and now and then a healthy week. */
static void five_unforgiven_faults_are_a_crash_loop(void **state)
{
    (void)state;
    for (unsigned life = 0; life < 2000; life++) {
        struct ferry_boot_record rec = on_trial();
        struct ferry_app_record app = no_app;
        unsigned faults = 0, resets = 0;
        ferry_trial_confirm(&rec, &new_image);
        for (unsigned i = 0; i < 60; i++) {
            if (roll_below(&dice, 4) == 0) {
                app.healthy = (uint8_t)(app.healthy + 1 + roll_below(&dice, 3));
                ferry_trial_forgive(&rec, &app);
                ferry_trial_forgive(&rec, &app); /* the same word once more */
                faults -= faults > 0;
            }
            enum happening what = (enum happening)roll_below(&dice, EXPIRED);
            faults += what == FAULT || what == SOFT;
            resets += what == FAULT || what == SOFT;
            bool counted = what == FAULT || what == SOFT;
            assert_int_equal(happens(&rec, what), counted && faults >= 5
                                                      ? FERRY_OUTCOME_CRASH_LOOP
                                                      : FERRY_OUTCOME_NONE);
            assert_int_equal(rec.faults, faults);
            assert_int_equal(rec.resets, resets);
            assert_int_equal(ferry_trial_attempts(&rec), 0);
        }
    }
}

static void there_is_one_crash_loop_between_two_confirms(void **state)
{
    (void)state;
    struct ferry_boot_record rec = on_trial();
    ferry_trial_confirm(&rec, &new_image);
    ferry_trial_return(&rec, FERRY_OUTCOME_CRASH_LOOP, &new_image);
    for (unsigned i = 0; i < 300; i++) {
        assert_int_equal(happens(&rec, FAULT), FERRY_OUTCOME_NONE);
    }
    assert_int_equal(rec.faults, 255);
    assert_int_equal(rec.resets, 255);
    /* A trial, and its end, leave it so. */
    ferry_trial_begin(&rec, 1, &new_image, true, &no_app);
    ferry_trial_return(&rec, FERRY_OUTCOME_POWER, &new_image);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(happens(&rec, FAULT), FERRY_OUTCOME_NONE);
    }
    ferry_trial_begin(&rec, 1, &new_image, true, &no_app);
    ferry_trial_confirm(&rec, &new_image);
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(happens(&rec, FAULT),
                         i < 5 ? FERRY_OUTCOME_NONE : FERRY_OUTCOME_CRASH_LOOP);
    }
}

static void nothing_is_forgiven_in_a_trial(void **state)
{
    struct ferry_app_record app = no_app;

    (void)state;
    struct ferry_boot_record rec = on_trial();
    (void)!happens(&rec, FAULT);
    struct ferry_boot_record before = rec;
    app.healthy = 77;
    ferry_trial_forgive(&rec, &app);
    assert_memory_equal(&rec, &before, sizeof rec);
}

/* ---- the floor ------------------------------------------------------------------- */

static void the_floor_never_falls_and_recovery_raises_its_counter_alone(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        uint32_t floor = roll(&dice) & 0x06FFFFFF;
        struct ferry_image image = {{0}, 1, roll(&dice) & 0xFFFFFF, 0};
        image.slot = (uint8_t)roll_below(&dice, 8);
        if (roll_below(&dice, 4) == 0) {
            image.sec_ctr = floor & 0xFFFFFF; /* at the edge */
        }
        uint32_t own = image.slot == 7 ? (floor & 0x07000000) | image.sec_ctr
                                       : (uint32_t)image.slot << 24 | image.sec_ctr;
        uint32_t got = ferry_trial_floor(floor, &image);
        assert_int_equal(got, own > floor ? own : floor);
        /* Whatever may raise it is not below it, and the reverse. */
        assert_int_equal(ferry_policy_below(floor, image.slot, image.sec_ctr),
                         own < floor);
    }
}

/* ---- beginning anew -------------------------------------------------------------- */

static void what_one_trial_spent_the_next_one_has(void **state)
{
    (void)state;
    struct ferry_boot_record rec = on_trial();
    (void)!happens(&rec, FAULT);
    (void)!happens(&rec, EXPIRED);
    (void)!happens(&rec, POWER);
    assert_int_equal(ferry_trial_attempts(&rec), 1);
    ferry_trial_begin(&rec, 0, &old_image, false, &no_app);
    assert_int_equal(ferry_trial_attempts(&rec), FERRY_TRIAL_FAULTS);
    for (unsigned i = 1; i < FERRY_TRIAL_FAULTS; i++) {
        assert_int_equal(happens(&rec, EXPIRED), FERRY_OUTCOME_NONE);
    }
    assert_int_equal(happens(&rec, EXPIRED), FERRY_OUTCOME_EXPIRED);
}

/* Its manifest was not read, so nothing is known but the digest. */
static void what_is_refused_is_told_without_a_version(void **state)
{
    (void)state;
    struct ferry_boot_record rec = on_trial();
    ferry_trial_refuse(&rec, old_image.digest);
    assert_int_equal(rec.outcome, FERRY_OUTCOME_REFUSED);
    assert_int_equal(rec.outcome_version, 0);
    assert_memory_equal(rec.outcome_digest, old_image.digest, 8);
}

/* ---- numbers --------------------------------------------------------------------- */

static void a_request_is_heard_once_and_numbers_may_wrap(void **state)
{
    static const uint32_t edges[] = {0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};

    (void)state;
    for (size_t i = 0; i < COUNT(edges); i++) {
        for (size_t k = 0; k < COUNT(edges); k++) {
            struct ferry_boot_record rec = on_trial();
            struct ferry_app_record app = no_app;
            rec.seen = edges[i];
            app.commit = edges[i] + edges[k];
            bool ahead = edges[k] > 0 && edges[k] < 0x80000000;
            assert_int_equal(ferry_trial_asked(&rec, app.commit), ahead);
        }
    }
}

/* A confirm that stands there already must not fit, whatever number is next. */
static void a_trials_number_is_new_and_never_nought(void **state)
{
    static const uint32_t last[] = {0, 1, 41, 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF};

    (void)state;
    for (size_t i = 0; i < COUNT(last); i++) {
        for (uint32_t ahead = 0; ahead < 5; ahead++) {
            struct ferry_boot_record rec = on_trial();
            struct ferry_app_record app = no_app;
            rec.trial = last[i];
            app.confirm = last[i] + ahead;
            ferry_trial_begin(&rec, 0, &old_image, true, &app);
            assert_int_not_equal(rec.trial, 0);
            assert_int_not_equal(rec.trial, last[i]);
            assert_false(ferry_trial_shown(&rec, app.confirm));
            assert_in_range(rec.trial - last[i], 1, 3);
            app.confirm = rec.trial;
            assert_true(ferry_trial_shown(&rec, app.confirm));
            ferry_trial_confirm(&rec, &old_image);
            assert_false(ferry_trial_shown(&rec, app.confirm));
        }
    }
}

static void totals_stop_at_65535(void **state)
{
    (void)state;
    struct ferry_boot_record rec = on_trial();
    rec.updates = 0xFFFE;
    rec.rollbacks = 0xFFFE;
    for (unsigned i = 0; i < 3; i++) {
        ferry_trial_begin(&rec, 1, &new_image, true, &no_app);
        ferry_trial_confirm(&rec, &new_image);
        ferry_trial_return(&rec, FERRY_OUTCOME_DAMAGED, &new_image);
    }
    assert_int_equal(rec.updates, 0xFFFF);
    assert_int_equal(rec.rollbacks, 0xFFFF);
}

/* ---- going back ------------------------------------------------------------------ */

/* Which ends bury at once, and that the third of the others does, too. */
static void faults_bury_at_once_and_other_ends_at_the_third_time(void **state)
{
    static const struct {
        enum ferry_outcome why;
        unsigned buried_at;
    } rows[] = {{FERRY_OUTCOME_FAULTS, 1},
                {FERRY_OUTCOME_CRASH_LOOP, 1},
                {FERRY_OUTCOME_POWER, 3},
                {FERRY_OUTCOME_EXPIRED, 3},
                {FERRY_OUTCOME_DAMAGED, 3}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ferry_boot_record rec = on_trial();
        for (unsigned time = 1; time <= 3; time++) {
            ferry_trial_return(&rec, rows[i].why, &new_image);
            bool buried = (rec.flags & FERRY_BOOT_TOMBSTONE) != 0;
            assert_int_equal(buried, time >= rows[i].buried_at);
            assert_int_equal(rec.outcome, rows[i].why);
            assert_int_equal(rec.outcome_version, new_image.version);
            assert_memory_equal(rec.outcome_digest, new_image.digest, 8);
            assert_int_equal(ferry_trial_bank(&rec), 0);
            assert_false(ferry_trial_runs(&rec));
            assert_int_equal(rec.flags & FERRY_BOOT_FALLBACK, 0);
            assert_memory_equal(rec.active, old_image.digest, 16);
            ferry_trial_begin(&rec, 1, &new_image, true, &no_app);
        }
    }
}

/* The one tombstone is the greatest of all there ever were, whatever the order. */
static void a_tombstone_only_ever_grows(void **state)
{
    (void)state;
    for (unsigned life = 0; life < 3000; life++) {
        struct ferry_boot_record rec = on_trial();
        struct ferry_image dead[6];
        for (unsigned i = 0; i < COUNT(dead); i++) {
            memset(&dead[i], 0, sizeof dead[i]);
            roll_bytes(&dice, dead[i].digest, 8);
            dead[i].version = roll_below(&dice, 4);
            dead[i].slot = (uint8_t)roll_below(&dice, 3);
            ferry_trial_begin(&rec, 1, &dead[i], true, &no_app);
            ferry_trial_return(&rec, FERRY_OUTCOME_FAULTS, &dead[i]);
            assert_true((rec.flags & FERRY_BOOT_TOMBSTONE) != 0); /* 0 in slot 0, too */
            for (unsigned k = 0; k <= i; k++) {
                assert_true(ferry_policy_entombed(rec.tomb_slot, rec.tomb_version,
                                                  dead[k].slot, dead[k].version));
            }
        }
    }
}

/* A later bootloader's bytes are not ours to touch. */
static void spare_bytes_survive_everything(void **state)
{
    (void)state;
    struct ferry_boot_record rec = on_trial();
    for (unsigned i = 0; i < 1000; i++) {
        struct ferry_app_record app = {.healthy = (uint8_t)i};
        unsigned what = roll_below(&dice, 6);
        if (what == 0) {
            ferry_trial_begin(&rec, i % 2, &new_image, true, &app);
        } else if (what == 1) {
            ferry_trial_confirm(&rec, &new_image);
        } else if (what == 2) {
            ferry_trial_return(&rec, (enum ferry_outcome)(3 + i % 5), &new_image);
        } else if (what == 3) {
            ferry_trial_forgive(&rec, &app);
        } else if (what == 4) {
            ferry_trial_refuse(&rec, old_image.digest);
        } else {
            (void)!happens(&rec, (enum happening)(i % HAPPENINGS));
        }
        assert_memory_equal(rec.spare, "\x5A\x5A\x5A", 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_six_resets_in_a_trial_is_counted_right),
        cmocka_unit_test(counts_of_a_trial_stop_at_their_limits),
        cmocka_unit_test(a_reset_of_no_known_kind_counts_nowhere),
        cmocka_unit_test(five_unforgiven_faults_are_a_crash_loop),
        cmocka_unit_test(there_is_one_crash_loop_between_two_confirms),
        cmocka_unit_test(nothing_is_forgiven_in_a_trial),
        cmocka_unit_test(the_floor_never_falls_and_recovery_raises_its_counter_alone),
        cmocka_unit_test(what_one_trial_spent_the_next_one_has),
        cmocka_unit_test(what_is_refused_is_told_without_a_version),
        cmocka_unit_test(a_request_is_heard_once_and_numbers_may_wrap),
        cmocka_unit_test(a_trials_number_is_new_and_never_nought),
        cmocka_unit_test(totals_stop_at_65535),
        cmocka_unit_test(faults_bury_at_once_and_other_ends_at_the_third_time),
        cmocka_unit_test(a_tombstone_only_ever_grows),
        cmocka_unit_test(spare_bytes_survive_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
