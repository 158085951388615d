/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a reset is counted, and an image gives way, as the tables of
 * docs/PROTOCOL.md, "Boot", say. The tables are the test: each cell is tried. */
#include <stdlib.h>

#include "doc.h"
#include "trial.h"

static struct doc_table table;

/* ---- what is counted ------------------------------------------------------------- */

/* "faults + 1, resets + 1", or "-": how much a counter goes up. */
static unsigned told(const char *cell, const char *counter)
{
    const char *at = strstr(cell, counter);

    return at != NULL ? (unsigned)strtoul(at + strlen(counter) + 3, NULL, 10) : 0;
}

static enum ferry_reset reset_of(const char *name, bool *expired)
{
    static const struct {
        const char *name;
        enum ferry_reset reset;
    } rows[] = {
        {"POWER", FERRY_RESET_POWER},     {"FAULT", FERRY_RESET_FAULT},
        {"SOFT", FERRY_RESET_SOFT},       {"PLANNED", FERRY_RESET_PLANNED},
        {"EXPIRED", FERRY_RESET_PLANNED}, {"WAKE", FERRY_RESET_WAKE},
    };

    *expired = strcmp(name, "EXPIRED") == 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].reset;
        }
    }
    fail_msg("no reset class: %s", name);
    return FERRY_RESET_POWER;
}

static void every_reset_is_counted_as_the_table_says(void **state)
{
    (void)state;
    doc_table("### What is counted", "| reset | on trial | confirmed |", &table);
    assert_int_equal(table.rows, 6);
    for (unsigned row = 0; row < table.rows; row++) {
        for (unsigned confirmed = 0; confirmed < 2; confirmed++) {
            struct ferry_boot_record rec = {0};
            const char *cell = table.cell[row][1 + confirmed];
            bool expired;
            enum ferry_reset reset = reset_of(table.cell[row][0], &expired);
            rec.flags = confirmed ? 0 : FERRY_BOOT_ON_TRIAL;
            assert_int_equal(ferry_trial_count(&rec, reset, expired),
                             FERRY_OUTCOME_NONE);
            want(rec.faults == told(cell, "faults"), cell);
            want(rec.powers == told(cell, "powers"), cell);
            want(rec.expiries == told(cell, "expiries"), cell);
            want(rec.resets == told(cell, "resets"), cell);
        }
    }
}

/* ---- giving way ------------------------------------------------------------------ */

/* How many such resets it takes, and what the outcome is. */
static unsigned resets_until_it_gives_way(bool trial, enum ferry_reset reset,
                                          bool expired, enum ferry_outcome *why)
{
    struct ferry_boot_record rec = {0};

    rec.flags = trial ? FERRY_BOOT_ON_TRIAL : 0;
    for (unsigned n = 1; n < 300; n++) {
        *why = ferry_trial_count(&rec, reset, expired);
        if (*why != FERRY_OUTCOME_NONE) {
            return n;
        }
    }
    return 0;
}

static long limit(const char *state, const char *name)
{
    doc_table("### Giving way", "| state | limit | value | outcome |", &table);
    for (unsigned row = 0; row < table.rows; row++) {
        if (strcmp(table.cell[row][0], state) == 0 &&
            strcmp(table.cell[row][1], name) == 0) {
            return doc_cell_number(&table, row, 2);
        }
    }
    fail_msg("no such limit: %s", name);
    return 0;
}

static void an_image_gives_way_at_the_documented_limits(void **state)
{
    enum ferry_outcome why;

    (void)state;
    assert_int_equal(resets_until_it_gives_way(true, FERRY_RESET_FAULT, false, &why),
                     limit("trial", "faults"));
    assert_int_equal(why, FERRY_OUTCOME_FAULTS);
    assert_int_equal(resets_until_it_gives_way(true, FERRY_RESET_PLANNED, true, &why),
                     limit("trial", "faults + expiries"));
    assert_int_equal(why, FERRY_OUTCOME_EXPIRED);
    assert_int_equal(resets_until_it_gives_way(true, FERRY_RESET_POWER, false, &why),
                     limit("trial", "powers"));
    assert_int_equal(why, FERRY_OUTCOME_POWER);
    assert_int_equal(resets_until_it_gives_way(false, FERRY_RESET_SOFT, false, &why),
                     limit("confirmed", "faults"));
    assert_int_equal(why, FERRY_OUTCOME_CRASH_LOOP);
    assert_int_equal(table.rows, 5);
}

static void after_a_crash_loop_no_second_one_ends_the_fallback(void **state)
{
    struct ferry_boot_record rec = {0};

    (void)state;
    rec.flags = FERRY_BOOT_LOOPED;
    for (unsigned n = 0; n < 300; n++) {
        assert_int_equal(ferry_trial_count(&rec, FERRY_RESET_FAULT, false),
                         FERRY_OUTCOME_NONE);
    }
    assert_int_equal(rec.faults, 255);
    assert_int_equal(rec.resets, 255);
}

/* ---- after it -------------------------------------------------------------------- */

static void counts_end_and_flags_fall_as_documented(void **state)
{
    struct ferry_boot_record rec = {0};
    struct ferry_app_record app = {0};
    const uint8_t old[16] = {1};
    const struct ferry_image image = {{2}, 9, 9, 0};

    (void)state;
    memcpy(rec.active, old, sizeof old);
    app.confirm = 1;
    ferry_trial_begin(&rec, 1, &image, true, &app);
    assert_int_equal(rec.trial, 2); /* neither 0 nor what was confirmed already */
    assert_int_equal(ferry_trial_attempts(&rec), FERRY_TRIAL_FAULTS);
    (void)!ferry_trial_count(&rec, FERRY_RESET_FAULT, false);
    assert_int_equal(ferry_trial_attempts(&rec), FERRY_TRIAL_FAULTS - 1);
    rec.floor = 5;
    ferry_trial_confirm(&rec, &image);
    assert_int_equal(rec.flags, FERRY_BOOT_BANK | FERRY_BOOT_FALLBACK);
    assert_int_equal(rec.faults, 0);
    assert_int_equal(rec.floor, 9);
    assert_int_equal(rec.updates, 1);
    assert_int_equal(ferry_trial_attempts(&rec), 0);
    ferry_trial_return(&rec, FERRY_OUTCOME_CRASH_LOOP, &image);
    assert_int_equal(rec.flags, FERRY_BOOT_TOMBSTONE | FERRY_BOOT_LOOPED);
    assert_memory_equal(rec.active, old, sizeof old);
    assert_int_equal(rec.rollbacks, 1);
    assert_int_equal(rec.floor, 9);
}

static void requests_are_heard_as_documented(void **state)
{
    struct ferry_boot_record rec = {.seen = 0xFFFFFFFE, .trial = 4, .faults = 2};
    struct ferry_app_record app = {.commit = 0xFFFFFFFE, .confirm = 4, .healthy = 7};

    (void)state;
    assert_false(ferry_trial_asked(&rec, app.commit));
    app.commit = 1; /* numbers wrap */
    assert_true(ferry_trial_asked(&rec, app.commit));
    rec.seen = 2;
    assert_false(ferry_trial_asked(&rec, app.commit));
    assert_false(ferry_trial_shown(&rec, app.confirm)); /* no trial runs */
    rec.flags = FERRY_BOOT_ON_TRIAL;
    assert_true(ferry_trial_shown(&rec, app.confirm));
    ferry_trial_forgive(&rec, &app);
    assert_int_equal(rec.faults, 2);
    rec.flags = 0;
    ferry_trial_forgive(&rec, &app);
    ferry_trial_forgive(&rec, &app);
    assert_int_equal(rec.faults, 1); /* once for one word */
    assert_int_equal(rec.healthy, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reset_is_counted_as_the_table_says),
        cmocka_unit_test(an_image_gives_way_at_the_documented_limits),
        cmocka_unit_test(after_a_crash_loop_no_second_one_ends_the_fallback),
        cmocka_unit_test(counts_end_and_flags_fall_as_documented),
        cmocka_unit_test(requests_are_heard_as_documented),
    };

    return cmocka_run_group_tests(tests, doc_open, NULL);
}
