/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests an application that went mad, or is somebody else's, and holds no key: whatever
 * it writes where it can write, no code runs that was not signed, the floor and the
 * budgets stay the bootloader's, and the image before it comes back. */
#include "boots.h"

static struct cargo forged;

/* Signed by nobody we know, and otherwise perfect. */
static void forge(unsigned bank, uint32_t version, uint32_t sec_ctr)
{
    struct release r;

    boots_release(&r, bank, version, sec_ctr);
    r.signer = 0x33;
    cargo_make(&forged, &r, 1024, 77);
}

/* ---- what it can reach ------------------------------------------------------------ */

static void expect_locked(struct world *w, struct ferry_area area, bool locked)
{
    static const uint32_t word[8] = {0};
    const struct ferry_flash *hal = &w->boot_hal;
    uint32_t refused = w->flash.refused;

    for (uint32_t at = 0; at < area.len; at += w->opt.erase_unit) {
        assert_int_equal(hal->erase(hal->ctx, area.addr + at) != 0, locked);
        assert_int_equal(hal->write(hal->ctx, area.addr + at, word, 8) != 0, locked);
    }
    assert_int_equal(w->flash.refused != refused, locked);
}

/* Bank 0 and the last units of bank 1 stand in for what a product locks besides. */
static void what_boots_and_what_says_so_cannot_be_written(void **state)
{
    (void)state;
    struct world *w = updated_device();
    const struct ferry_area radio = {w->map.bank[0].addr + 4096, 1024};
    w->board.cfg.locks = &radio;
    w->board.cfg.locks_len = 1;
    reset(w, FERRY_RESET_WAKE);
    assert_int_equal(w->board.handoff.flags & FERRY_HANDOFF_OPEN, 0);
    w->flash.hostile = true;
    sim_flash_grant(&w->flash, 3, 0, w->flash.size);
    expect_locked(w, w->map.bank[1], true);
    expect_locked(w, (struct ferry_area){w->map.boot_journal[0], 1024}, true);
    expect_locked(w, radio, true);
    expect_locked(w, (struct ferry_area){w->map.bank[0].addr, 4096}, false);
    expect_locked(w, (struct ferry_area){w->map.app_journal[0], 1024}, false);
}

static void in_a_trial_the_bank_behind_it_is_locked_too(void **state)
{
    (void)state;
    struct world *w = trial_device();
    w->flash.hostile = true;
    sim_flash_grant(&w->flash, 3, 0, w->flash.size);
    expect_locked(w, w->map.bank[0], true);
    expect_locked(w, w->map.bank[1], true);
    expect_locked(w, (struct ferry_area){w->map.boot_journal[0], 1024}, true);
}

static void a_port_that_cannot_lock_says_so_and_checks_signatures_instead(void **state)
{
    (void)state;
    struct world *w = updated_device();
    w->boot_hal.lock = NULL;
    for (unsigned i = 0; i < 5; i++) {
        uint32_t verifies = w->sodium.verifies;
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, false);
        assert_int_equal(w->board.handoff.flags, FERRY_HANDOFF_OPEN);
        assert_int_equal(w->sodium.verifies, verifies + 1);
    }
    forge(1, 0x01010000, 7); /* over the running image, which nothing protects */
    board_place(w, 1, &forged.artifact);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
}

/* ---- unsigned code ---------------------------------------------------------------- */

struct wish {
    const char *name;
    uint32_t version, sec_ctr;
    void (*bend)(struct release *r);
};

static void as_it_is(struct release *r)
{
    (void)r;
}
static void nobodys_key(struct release *r)
{
    r->signer = 0x33;
}
static void another_slots_key(struct release *r)
{
    r->signer = 1;
}
static void an_empty_slot(struct release *r)
{
    r->slot = 3;
    r->signer = 3;
}
static void another_class(struct release *r)
{
    r->class_id[0] ^= 1;
}
static void another_revision(struct release *r)
{
    r->hw_min = 4;
}
static void another_device(struct release *r)
{
    static const uint8_t other[16] = "another device";
    r->device = other;
}
static void another_link(struct release *r)
{
    r->link += 0x1000;
}
static void a_new_key(struct release *r)
{
    r->slot = 1;
    r->signer = 1;
}

static const struct wish refused[] = {
    {"signed by nobody", 0x02000000, 0xFFFFFF, nobodys_key},
    {"signed by another slot", 0x02000000, 9, another_slots_key},
    {"an empty slot", 0x02000000, 9, an_empty_slot},
    {"another product", 0x02000000, 9, another_class},
    {"another revision", 0x02000000, 9, another_revision},
    {"another device", 0x02000000, 9, another_device},
    {"another bank's", 0x02000000, 9, another_link},
    {"genuine, below the floor", 0x02000000, 6, as_it_is},
};

static const struct wish granted[] = {
    {"at the floor, though older", 0x00000001, 7, as_it_is},
    {"newer", 0x02000000, 9, as_it_is},
    {"another slot", 0x00000001, 0, a_new_key},
};

static void make(struct cargo *c, const struct wish *wish)
{
    struct release r;

    boots_release(&r, 0, wish->version, wish->sec_ctr);
    wish->bend(&r);
    cargo_make(c, &r, 1024, 5);
}

/* COMMIT and CONFIRM of its own making, for every trial there could be. */
static void a_request_for_what_is_not_acceptable_is_refused_and_told(void **state)
{
    static struct cargo c;

    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct world *w = updated_device();
        struct ferry_boot_record was = board_record(w);
        make(&c, &refused[i]);
        for (uint32_t n = 0; n < 4; n++) {
            struct ferry_app_record rec = board_app_record(w);
            rec.confirm = was.trial + n;
            assert_true(board_forge(w, &rec));
            demand(w, 0, &c);
            expect_runs(w, &second, false);
            struct ferry_boot_record is = board_record(w);
            expect_true(refused[i].name, is.floor == was.floor);
            expect_true(refused[i].name, is.updates == was.updates);
            expect_true(refused[i].name, is.outcome == FERRY_OUTCOME_REFUSED);
            assert_memory_equal(is.outcome_digest, c.digest, 8);
            board_planned_reset(w); /* judged once */
            expect_true(refused[i].name, boot_wrote_nothing(w));
        }
        /* The way to a good one is open. */
        commit(w, &third);
        board_planned_reset(w);
        expect_runs(w, &third, true);
    }
}

/* What is genuine is only ever tried, whoever asks, and the floor is its manifest's. */
static void a_request_for_what_is_acceptable_begins_a_trial_and_no_more(void **state)
{
    static struct cargo c;

    (void)state;
    for (size_t i = 0; i < COUNT(granted); i++) {
        struct world *w = updated_device();
        make(&c, &granted[i]);
        struct ferry_app_record rec = board_app_record(w);
        rec.confirm = board_record(w).trial + 1;
        assert_true(board_forge(w, &rec));
        demand(w, 0, &c);
        expect_runs(w, &c, true);
        expect_true(granted[i].name, board_record(w).floor == 7);
        board_planned_reset(w);
        expect_runs(w, &c, true);
    }
}

static void a_request_names_the_other_bank_and_what_stands_in_it(void **state)
{
    (void)state;
    for (unsigned bank = 0; bank < 256; bank += bank < 4 ? 1 : 51) {
        struct world *w = updated_device();
        struct ferry_app_record rec = board_app_record(w);
        board_place(w, 0, &third.artifact);
        rec.commit = board_record(w).seen + 1;
        rec.bank = (uint8_t)bank;
        memcpy(rec.digest, bank == 1 ? second.digest : third.digest, 16);
        assert_true(board_forge(w, &rec));
        board_planned_reset(w);
        expect_runs(w, bank == 0 ? &third : &second, bank == 0);
    }
    for (unsigned byte = 0; byte < 16; byte++) {
        struct world *w = updated_device();
        struct ferry_app_record rec = board_app_record(w);
        board_place(w, 0, &third.artifact);
        rec.commit = board_record(w).seen + 1;
        rec.bank = 0;
        memcpy(rec.digest, third.digest, 16);
        rec.digest[byte] ^= 0x40;
        assert_true(board_forge(w, &rec));
        board_planned_reset(w);
        expect_runs(w, &second, false);
    }
}

static void a_request_is_heard_where_its_number_wraps(void **state)
{
    (void)state;
    struct world *w = new_device();
    struct ferry_boot_record rec = board_record(w);
    struct ferry_app_record app = board_app_record(w);
    rec.seen = app.commit = UINT32_MAX;
    assert_true(board_forge_boot(w, &rec) && board_forge(w, &app));
    board_start_app(w);
    try_out(w, &second);
    expect_runs(w, &second, true);
    assert_true(board_record(w).seen < 2);
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    reset(w, FERRY_RESET_WAKE); /* and judged once */
    expect_runs(w, &first, false);
}

/* It destroys the image before it, then crashes: its own is all there is, and runs. */
static void who_destroys_the_way_back_and_crashes_gets_nothing_by_it(void **state)
{
    (void)state;
    struct world *w = updated_device();
    forge(0, 0x03000000, 0xFFFFFF);
    for (unsigned i = 0; i < 20; i++) {
        demand(w, 0, &forged);
        expect_runs(w, &second, false);
        board_boot(w, FERRY_RESET_FAULT);
        expect_runs(w, &second, false);
        assert_int_equal(without_net(w), i + 1 >= FERRY_CRASH_LOOP);
        board_start_app(w);
    }
    assert_int_equal(board_record(w).floor, 7);
    /* Its bytes rot away: unsigned code is no better than none. */
    rot(w, 1);
    board_boot(w, FERRY_RESET_FAULT);
    assert_int_equal(w->board.booted, FERRY_E_HASH);
}

/* ---- budgets ---------------------------------------------------------------------- */

static void no_request_refills_the_budget_of_a_trial(void **state)
{
    (void)state;
    struct world *w = trial_device();
    for (uint8_t n = 1; n <= FERRY_TRIAL_FAULTS; n++) {
        struct ferry_app_record rec = board_app_record(w);
        rec.commit += 1000U * n; /* of itself, again */
        rec.bank = 1;
        memcpy(rec.digest, second.digest, sizeof rec.digest);
        rec.healthy = (uint8_t)(rec.healthy + n);
        rec.confirm = board_record(w).trial + n;
        assert_true(board_forge(w, &rec));
        reset(w, FERRY_RESET_FAULT);
        bool over = n == FERRY_TRIAL_FAULTS;
        expect_runs(w, over ? &first : &second, !over);
        assert_int_equal(board_record(w).faults, over ? 0 : n);
    }
    reset(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    assert_true(buried(w));
}

/* Not even of the bank behind it, which is genuine, and would be a trial anew. */
static void a_trial_cannot_ask_for_the_image_before_it(void **state)
{
    (void)state;
    struct world *w = trial_device();
    for (unsigned n = 0; n < 5; n++) {
        struct ferry_app_record rec = board_app_record(w);
        rec.commit++;
        rec.bank = 0;
        memcpy(rec.digest, first.digest, sizeof rec.digest);
        assert_true(board_forge(w, &rec));
        reset(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, true);
        assert_int_equal(board_record(w).trial, 2);
    }
}

/* ---- a boot journal that somebody else wrote -------------------------------------- */

/* On a part that cannot lock: "this is verified" is still only said. */
static void a_forged_boot_record_runs_no_unsigned_code(void **state)
{
    (void)state;
    for (unsigned trial = 0; trial < 2; trial++) {
        struct world *w = updated_device();
        struct ferry_boot_record rec = board_record(w);
        w->boot_hal.lock = NULL;
        forge(0, 0x03000000, 0xFFFFFF);
        board_place(w, 0, &forged.artifact);
        rec.flags = (uint8_t)(FERRY_BOOT_FALLBACK | (trial ? FERRY_BOOT_ON_TRIAL : 0));
        memcpy(rec.active, forged.digest, sizeof rec.active);
        memcpy(rec.previous, second.digest, sizeof rec.previous);
        assert_true(board_forge_boot(w, &rec));
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_boots_and_what_says_so_cannot_be_written),
        cmocka_unit_test(in_a_trial_the_bank_behind_it_is_locked_too),
        cmocka_unit_test(a_port_that_cannot_lock_says_so_and_checks_signatures_instead),
        cmocka_unit_test(a_request_for_what_is_not_acceptable_is_refused_and_told),
        cmocka_unit_test(a_request_for_what_is_acceptable_begins_a_trial_and_no_more),
        cmocka_unit_test(a_request_names_the_other_bank_and_what_stands_in_it),
        cmocka_unit_test(a_request_is_heard_where_its_number_wraps),
        cmocka_unit_test(who_destroys_the_way_back_and_crashes_gets_nothing_by_it),
        cmocka_unit_test(no_request_refills_the_budget_of_a_trial),
        cmocka_unit_test(a_trial_cannot_ask_for_the_image_before_it),
        cmocka_unit_test(a_forged_boot_record_runs_no_unsigned_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
