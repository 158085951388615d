/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how the application's journal learns what runs, and that it says and asks
 * nothing where it does not know. */
#include "app_bench.h"
#include "check.h"

/* ---- what runs -------------------------------------------------------------------- */

static void what_runs_is_told_from_its_own_envelope(void **state)
{
    (void)state;
    app_trial_device();
    const struct ferry_boot_state *s = w.commit.state(w.commit.ctx);
    assert_int_equal(s->active_bank, 1);
    assert_int_equal(s->version, 0x01010000);
    assert_int_equal(s->slot, 0);
    assert_int_equal(s->floor, 5);
    assert_true(s->trial);
    assert_false(s->settled);
    assert_false(s->tombstone);
    assert_memory_equal(s->digest, board_record(&w).active, 16);
}

static void no_record(void)
{
    memset(w.flash.bytes + w.map.boot_journal[0], 0xFF, 1024);
}
static void an_unreadable_record(void)
{
    w.flash.unreadable = (struct sim_area){w.map.boot_journal[0], 1024};
}
static void an_unreadable_bank(void)
{
    w.flash.unreadable = (struct sim_area){w.map.bank[0].addr, 512};
}
static void a_frame_byte(void)
{
    w.flash.bytes[w.map.bank[0].addr + 1] ^= 1;
}
static void a_signed_byte(void)
{
    w.flash.bytes[w.map.bank[0].addr + 60] ^= 1;
}
static void another_bank(void)
{
    w.board.handoff.bank = 1;
}
static void no_hand_off(void)
{
    w.board.handoff.magic = 0;
}

static void who_does_not_know_what_runs_says_so_and_why(void **state)
{
    static const struct {
        const char *name;
        void (*damage)(void);
        int err;
    } rows[] = {
        {"no boot record", no_record, FERRY_E_COMMIT},
        {"a boot record that cannot be read", an_unreadable_record, FERRY_E_FLASH},
        {"a bank that cannot be read", an_unreadable_bank, FERRY_E_FLASH},
        {"no envelope in the bank", a_frame_byte, FERRY_E_LEN},
        {"another envelope than was booted", a_signed_byte, FERRY_E_COMMIT},
        {"another bank than the record says", another_bank, FERRY_E_COMMIT},
        {"no hand-off block", no_hand_off, FERRY_E_COMMIT},
    };
    struct ferry_statement s;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        app_new_device();
        rows[i].damage();
        expect_code(rows[i].name, app_reopen(0), rows[i].err);
        expect_true(rows[i].name, w.commit.state(w.commit.ctx) == NULL);
        expect_code(rows[i].name, w.commit.report(w.commit.ctx, &s), FERRY_E_COMMIT);
        expect_true(rows[i].name, !ferry_app_journal_expired(j, 100 * DAY_MS));
        ferry_app_journal_healthy(j, 100 * DAY_MS);
        ferry_app_journal_selftest_passed(j);
        app_tell(FERRY_EVENT_HELLO, 0);
        expect_true(rows[i].name, !app_owes());
        w.flash.unreadable.len = 0;
    }
}

/* To a recovery nothing that stands there is an obstacle, and bank 1 is not written
 * unless a record says otherwise. */
static void a_recovery_knows_what_it_may_fill(void **state)
{
    static const struct {
        const char *name;
        void (*damage)(void);
    } rows[] = {{"no boot record", no_record},
                {"a boot record that cannot be read", an_unreadable_record},
                {"a bank that cannot be read", an_unreadable_bank},
                {"no envelope in the bank", a_frame_byte},
                {"no hand-off block", no_hand_off}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        app_trial_device();
        rows[i].damage();
        w.board.app_cfg.recovery = true;
        expect_code(rows[i].name, app_reopen(0), 0);
        const struct ferry_boot_state *s = w.commit.state(w.commit.ctx);
        expect_true(rows[i].name, s != NULL && !s->trial && !s->committed);
        expect_true(rows[i].name, s->active_bank == 1);
        expect_true(rows[i].name, s->slot >= FERRY_KEY_SLOTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_is_told_from_its_own_envelope),
        cmocka_unit_test(who_does_not_know_what_runs_says_so_and_why),
        cmocka_unit_test(a_recovery_knows_what_it_may_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
