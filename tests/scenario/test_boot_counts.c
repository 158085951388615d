/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that what a statement counts is what happened: refusals by code, bad signatures
 * and whose, transfer errors, starts, resets; and what survives a reset. */
#include "boots.h"

static const uint8_t nonces[2][FERRY_NONCE_LEN] = {{0x88, 1}, {0x88, 2}};
static struct cargo c;

static struct ferry_statement say(struct world *w)
{
    static unsigned turn;
    struct ferry_statement s;

    world_run(w, 2500);
    assert_true(board_statement(w, nonces[++turn % 2], &s));
    return s;
}

/* ---- refusals ---------------------------------------------------------------------------- */

static void another_class(struct release *r)
{
    r->class_id[0] ^= 1;
}
static void other_hardware(struct release *r)
{
    r->hw_min = 9;
    r->hw_max = 9;
}
static void another_device(struct release *r)
{
    static const uint8_t id[16] = "another device";
    r->device = id;
}
static void below_floor(struct release *r)
{
    r->sec_ctr = 1;
}
static void older(struct release *r)
{
    r->version = 1;
}
static void from_newer(struct release *r)
{
    r->min_from = 0x02000000;
}
static void other_link(struct release *r)
{
    r->link = 0x1000;
}
static void buried_one(struct release *r)
{
    r->version = 0x01010000;
}

static const struct {
    const char *name;
    void (*bend)(struct release *r);
    uint32_t len;
    int err;
} refusals[] = {
    {"class", another_class, 1024, FERRY_E_CLASS},
    {"hardware", other_hardware, 1024, FERRY_E_HW},
    {"device", another_device, 1024, FERRY_E_DEVICE},
    {"floor", below_floor, 1024, FERRY_E_FLOOR},
    {"version", older, 1024, FERRY_E_VERSION},
    {"min_from", from_newer, 1024, FERRY_E_MINFROM},
    {"size", NULL, 8192, FERRY_E_SIZE},
    {"link", other_link, 1024, FERRY_E_LINK},
    {"tombstone", buried_one, 1024, FERRY_E_TOMBSTONE},
};

/* Row i is broken i + 1 times; each code counts in a byte of its own. */
static void policy_refusals_are_counted_by_code(void **state)
{
    uint8_t want[FERRY_REFUSALS_LEN] = {0};

    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS); /* for a tombstone */
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct release r;
        boots_release(&r, 1, 0x01020000, 7);
        if (refusals[i].bend != NULL) {
            refusals[i].bend(&r);
        }
        cargo_make(&c, &r, refusals[i].len, i);
        for (size_t n = 0; n <= i; n++) {
            expect_err(refusals[i].name, offer_of(w, &c), refusals[i].err);
            want[FERRY_E_CLASS - refusals[i].err]++;
        }
    }
    struct ferry_statement s = say(w);
    assert_memory_equal(s.refusals, want, sizeof want);
    assert_int_equal(s.bad_signatures, 0);
    assert_int_equal(s.hash_errors + s.block_errors, 0);
}

static void a_refusal_counts_to_255_and_stays(void **state)
{
    struct release r;

    (void)state;
    struct world *w = new_device();
    boots_release(&r, 1, 0x01020000, 7);
    r.hw_min = 9;
    r.hw_max = 9;
    cargo_make(&c, &r, 1024, 1);
    for (unsigned i = 0; i < 260; i++) {
        expect_err("hardware", offer_of(w, &c), FERRY_E_HW);
    }
    assert_int_equal(say(w).refusals[FERRY_E_CLASS - FERRY_E_HW], 255);
}

static void a_running_image_offered_again_is_no_refusal(void **state)
{
    static const uint8_t none[FERRY_REFUSALS_LEN] = {0};

    (void)state;
    struct world *w = new_device();
    expect_err("the same", offer_of(w, &first), FERRY_E_SAME);
    expect_err("malformed", offer_of(w, &second), 0);
    world_reset(w, FERRY_RESET_WAKE);
    assert_memory_equal(say(w).refusals, none, sizeof none);
}

/* ---- signatures ---------------------------------------------------------------------------- */

/* Slot, and the first half of the short digest. */
static void expect_offender(const struct ferry_statement *s, unsigned count,
                            uint8_t slot)
{
    assert_int_equal(s->bad_signatures, count);
    assert_int_equal(s->offender[0], slot);
    assert_memory_equal(s->offender + 1, c.digest, 8);
}

static void a_bad_signature_is_told_with_slot_and_digest(void **state)
{
    struct release r;

    (void)state;
    struct world *w = new_device();
    for (uint8_t slot = 0; slot < 2; slot++) {
        boots_release(&r, 1, 0x01020000U + slot, 7);
        r.slot = slot;
        r.signer = 0x33;
        cargo_make(&c, &r, 1024, slot);
        expect_err("nobody's", offer_of(w, &c), FERRY_E_SIG);
        struct ferry_statement s = say(w);
        expect_offender(&s, slot + 1U, slot);
    }
}

/* A scalar too large is refused before the backend is asked, and is as bad. */
static void a_signature_in_its_other_spelling_is_told_as_well(void **state)
{
    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0x01020000, 7, 0);
    cargo_edit(&c, c.env)[c.env_len - 1] |= 0xF0;
    expect_err("S too large", offer_of(w, &c), FERRY_E_SIG);
    struct ferry_statement s = say(w);
    expect_offender(&s, 1, 0);
}

/* The image is right, and the envelope beside it no longer: found at the last gate. */
static void an_envelope_that_fails_at_the_gate_is_told_as_well(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0x01020000, 7, 0);
    peer_init(&p, w, 1);
    peer_begin(&p, &c);
    uint32_t last = peer_last_block(&p);
    peer_blocks(&p, &c, 0, last - 1);
    rot_signature(w, 1);
    peer_blocks(&p, &c, last, last);
    world_run(w, 1000);
    struct ferry_statement s = say(w);
    expect_offender(&s, 1, 0);
    assert_int_equal(s.hash_errors, 0);
}

/* ---- transfers --------------------------------------------------------------------------- */

static void block_and_image_mismatches_are_counted_apart(void **state)
{
    static struct cargo good;

    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0x01020000, 7, 0);
    boots_cargo(&good, 1, 0x01020000, 7, 0);
    cargo_edit(&c, c.image)[5] ^= 1;
    send_courier(w, &c);
    (void)world_finish(w, 5 * MINUTE);
    world_disconnect(w);
    struct ferry_statement s = say(w);
    assert_true(s.block_errors > 0);
    assert_int_equal(s.hash_errors, 0);
    assert_int_equal(s.bad_signatures, 0);
    assert_int_equal(s.block_errors, w->device.counts.transfer_errors);
}

/* ---- starts and resets -------------------------------------------------------------------- */

/* Starts that said something, since the confirm; the bootloader counts the bad ones. */
static void starts_and_resets_are_counted_since_the_confirm(void **state)
{
    (void)state;
    struct world *w = new_device();
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(say(w).starts, i);
        assert_int_equal(say(w).starts, i);
        reset(w, FERRY_RESET_WAKE);
        reset(w, FERRY_RESET_FAULT); /* says nothing in this start */
        reset(w, FERRY_RESET_WAKE);
        assert_int_equal(board_record(w).resets, i);
    }
    try_out(w, &second);
    confirm(w);
    struct ferry_statement s = say(w);
    assert_int_equal(s.starts, 1);
    assert_int_equal(s.resets, 0);
    assert_int_equal(s.updates, 1);
    assert_int_equal(s.outcome, FERRY_OUTCOME_CONFIRMED);
    assert_int_equal(s.outcome_version, 0x01010000);
    assert_int_equal(s.link, w->map.link[0]);
}

/* "Booted clean": the confirm stands in flash, and the bootloader will honour it. */
static void a_confirm_is_told_as_soon_as_it_stands_in_flash(void **state)
{
    (void)state;
    struct world *w = new_device();
    w->board.selftest_fails = true;
    try_out(w, &second);
    struct ferry_statement s = say(w);
    assert_int_equal(s.attempts, FERRY_TRIAL_FAULTS);
    assert_int_equal(s.outcome, FERRY_OUTCOME_TRIAL);
    assert_int_equal(s.updates, 0);
    reset(w, FERRY_RESET_FAULT);
    assert_int_equal(say(w).attempts, FERRY_TRIAL_FAULTS - 1);
    ferry_app_journal_selftest_passed(&w->board.app);
    s = say(w);
    assert_int_equal(s.attempts, 0);
    assert_int_equal(s.outcome, FERRY_OUTCOME_CONFIRMED);
    assert_int_equal(s.updates, 1);
    board_planned_reset(w);
    s = say(w);
    assert_int_equal(s.attempts, 0);
    assert_int_equal(s.updates, 1);
}

/* ---- what survives ------------------------------------------------------------------------ */

/* Counts cost no record of their own: they go into the next one that is written anyway. */
static void counts_live_in_ram_until_a_record_is_written(void **state)
{
    struct release r;

    (void)state;
    struct world *w = new_device();
    boots_release(&r, 1, 0x01020000, 7);
    r.signer = 0x33;
    cargo_make(&c, &r, 1024, 1);
    uint32_t ops = flash_ops(w);
    expect_err("nobody's", offer_of(w, &c), FERRY_E_SIG);
    assert_int_equal(flash_ops(w), ops);
    reset(w, FERRY_RESET_POWER);
    assert_int_equal(say(w).bad_signatures, 0); /* lost: nothing was written */
    expect_err("nobody's", offer_of(w, &c), FERRY_E_SIG);
    assert_int_equal(say(w).bad_signatures, 1); /* told, from RAM */
    commit(w, &second);                         /* a record: and in it, the count */
    reset(w, FERRY_RESET_POWER);
    assert_int_equal(say(w).bad_signatures, 1);
}

/* Numbers in a lost journal are gone; nothing else is. */
static void a_lost_journal_takes_only_its_own_counts(void **state)
{
    (void)state;
    struct world *w = updated_device();
    (void)say(w);
    lose_app_journal(w);
    reset(w, FERRY_RESET_WAKE);
    struct ferry_statement s = say(w);
    assert_int_equal(s.starts, 1);
    assert_int_equal(s.updates, 1);
    assert_int_equal(s.floor, 7);
    assert_int_equal(s.version, 0x01010000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_refusals_are_counted_by_code),
        cmocka_unit_test(a_refusal_counts_to_255_and_stays),
        cmocka_unit_test(a_running_image_offered_again_is_no_refusal),
        cmocka_unit_test(a_bad_signature_is_told_with_slot_and_digest),
        cmocka_unit_test(a_signature_in_its_other_spelling_is_told_as_well),
        cmocka_unit_test(an_envelope_that_fails_at_the_gate_is_told_as_well),
        cmocka_unit_test(block_and_image_mismatches_are_counted_apart),
        cmocka_unit_test(starts_and_resets_are_counted_since_the_confirm),
        cmocka_unit_test(a_confirm_is_told_as_soon_as_it_stands_in_flash),
        cmocka_unit_test(counts_live_in_ram_until_a_record_is_written),
        cmocka_unit_test(a_lost_journal_takes_only_its_own_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
