/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's table of states and events as letters, and the journeys that show every
 * one of them. The last two tests compare: nothing in the table was not seen, and
 * docs/PROTOCOL.md has the same table. */
#include <sodium.h>

#include "device_scenes.h"
#include "doc_table.h"

/* clang-format off */
const struct letters device_letters = {
    "## 16 The device's states", 13, 7,
    {"OFFER", "REPORT", "GONE", "STEP", "GOOD", "BAD", "STUCK"},
    {
        /*                     OFFER   REPORT GONE  STEP    GOOD    BAD    STUCK */
        {"IDLE",       'I', {"IOC",  "IT",  "I",  "I",    "I",    "I",   "X"}},
        {"OFFERED",    'O', {"IOCR", "O",   "IR", "O",    "O",    "IO",  "X"}},
        {"CHECKING",   'C', {"C",    "C",   "C",  "ICLR", "ICLR", "ICR", "X"}},
        {"LOOKING",    'L', {"L",    "L",   "L",  "LER",  "L",    "L",   "X"}},
        {"CLEARING",   'E', {"E",    "E",   "E",  "IER",  "ER",   "IE",  "X"}},
        {"RECEIVING",  'R', {"OCR",  "R",   "R",  "IERH", "R",    "IER", "X"}},
        {"HASHING",    'H', {"H",    "H",   "H",  "HGD",  "H",    "H",   "X"}},
        {"GATING",     'G', {"G",    "G",   "G",  "GMD",  "GMD",  "GD",  "X"}},
        {"COMMITTING", 'M', {"M",    "M",   "M",  "IMF",  "MF",   "IM",  "X"}},
        {"COMMITTED",  'F', {"F",    "F",   "F",  "F",    "F",    "F",   "X"}},
        {"DISCARDING", 'D', {"D",    "D",   "D",  "ID",   "D",    "ID",  "X"}},
        {"REPORTING",  'T', {"T",    "T",   "T",  "IT",   "IT",   "IT",  "X"}},
        {"BROKEN",     'X', {"X",    "X",   "X",  "X",    ".",    ".",   "."}},
    },
};
/* clang-format on */

/* ---- ways to a state ------------------------------------------------------------- */

struct bench b;
static struct doc_table reasons;

/* A question that no state but IDLE answers with a statement; nor does IDLE, without a
 * key to sign with. */
static void asked_for_a_statement(void)
{
    struct ferry_crypto crypto = b.w.crypto;
    bool idle = bench_state(&b) == FERRY_DEVICE_IDLE;
    unsigned nones = b.nones;

    b.w.crypto.sign = idle ? NULL : crypto.sign;
    bench_report(&b, 99, 0);
    b.w.crypto = crypto;
    assert_int_equal(b.nones, nones + 1);
    assert_int_equal(b.seconds, idle ? 0 : 30);
}

void stays_through_pieces_and_partings(void)
{
    enum ferry_device_state state = bench_state(&b);
    struct ferry_msg status = {.type = FERRY_MSG_STATUS};

    status.u.status.token = 7;
    bench_say(&b, &status);
    bench_listen(&b);
    assert_int_equal(b.ack.echo, 7);
    doc_table("### Ack reasons", "| reason | value | states | wait |", &reasons);
    for (unsigned i = 0; i < reasons.rows; i++) {
        if (doc_cell_number(&reasons, i, 1) == b.ack.reason) {
            want(strstr(reasons.cell[i][2], device_letters.row[state].state) != NULL,
                 reasons.cell[i][0]);
            want(doc_cell_number(&reasons, i, 3) == b.ack.wait, reasons.cell[i][0]);
        }
    }
    bench_piece(&b, 48, (uint16_t)b.env_len, 48);
    asked_for_a_statement();
    bench_drop(&b);
    bench_hello(&b);
    if (!bench_outstanding(&b)) {
        bench_late(&b);
    }
    bench_expect(&b, state);
}

void start_in(enum ferry_device_state state)
{
    bench_start(&b);
    if (state != FERRY_DEVICE_IDLE) {
        bench_offer(&b);
        bench_until(&b, state);
    }
}

void start_receiving(bool erase)
{
    start_in(FERRY_DEVICE_RECEIVING);
    bench_until_base(&b, 1);
    if (erase) {
        bench_until_call(&b, FERRY_DEVICE_RECEIVING);
        assert_int_equal(b.w.flash.op, SIM_ERASING);
    }
}

void fail_erases(unsigned n)
{
    while (n-- > 0) {
        bench_until_call(&b, FERRY_DEVICE_RECEIVING);
        assert_int_equal(b.w.flash.op, SIM_ERASING);
        bench_bad(&b, n % 2 == 0);
    }
}

/* ---- the end --------------------------------------------------------------------- */

static void hashing_leads_to_the_gate_or_discards(void **state)
{
    struct release r;

    (void)state;
    start_in(FERRY_DEVICE_HASHING);
    stays_through_pieces_and_partings();
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_HASHING); /* 4096 bytes a step */
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_GATING);

    bench_start(&b);
    release_default(&r);
    bench_release(&b, &r, true);
    bench_offer(&b);
    bench_until(&b, FERRY_DEVICE_DISCARDING);
    bench_until(&b, FERRY_DEVICE_IDLE);
    assert_int_equal(b.done_code, -FERRY_E_HASH);
}

static uint8_t *stored_envelope(void)
{
    return b.w.flash.bytes + b.w.map.bank[1].addr;
}

static void the_gate_lets_only_the_accepted_envelope_pass(void **state)
{
    struct release r;

    (void)state;
    start_in(FERRY_DEVICE_GATING);
    b.crypto_pends = true;
    bench_step(&b);
    stays_through_pieces_and_partings();
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_COMMITTING);

    start_in(FERRY_DEVICE_GATING);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_COMMITTING);

    start_in(FERRY_DEVICE_GATING);
    stored_envelope()[0] ^= 1; /* rotten */
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_DISCARDING);

    start_in(FERRY_DEVICE_GATING);
    b.crypto_pends = true;
    bench_step(&b);
    bench_bad(&b, false);
    bench_expect(&b, FERRY_DEVICE_DISCARDING);

    start_in(FERRY_DEVICE_GATING);
    release_default(&r);
    r.version++;
    bench_release(&b, &r, false);
    memcpy(stored_envelope(), b.artifact, b.env_len); /* genuine, but another one */
    b.crypto_pends = true;
    bench_step(&b);
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_DISCARDING);

    start_in(FERRY_DEVICE_GATING);
    b.crypto_pends = true;
    bench_step(&b);
    bench_stuck(&b);
    bench_expect(&b, FERRY_DEVICE_BROKEN);
}

static void the_commit_waits_succeeds_or_is_refused(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_COMMITTING);
    b.w.flash.power_low = true;
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_COMMITTING);
    b.w.flash.power_low = false;
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_COMMITTED);

    for (unsigned way = 0; way < 3; way++) {
        start_in(FERRY_DEVICE_COMMITTING);
        b.w.boot.pending = true;
        bench_step(&b);
        stays_through_pieces_and_partings();
        if (way == 0) {
            bench_good(&b);
            bench_expect(&b, FERRY_DEVICE_COMMITTED);
        } else if (way == 1) {
            bench_bad(&b, false);
            assert_int_equal(b.done_code, -FERRY_E_COMMIT);
        } else {
            bench_stuck(&b);
        }
    }

    start_in(FERRY_DEVICE_COMMITTING);
    b.w.boot.result = -1;
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
}

static void committed_and_broken_wait_for_a_reset(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_COMMITTED);
    assert_int_equal(b.dones, 1);
    assert_int_equal(b.done_code, 0);
    stays_through_pieces_and_partings();
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_COMMITTED);
    assert_int_equal(b.w.events.reboot, 1);

    start_in(FERRY_DEVICE_CLEARING);
    bench_step(&b);
    bench_stuck(&b);
    stays_through_pieces_and_partings();
    assert_int_equal(b.verdict_code, -FERRY_E_FLASH);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_BROKEN);
}

static void discarding_erases_the_header_or_gives_up(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 3; way++) {
        start_in(FERRY_DEVICE_GATING);
        stored_envelope()[0] ^= 1;
        bench_step(&b);
        bench_expect(&b, FERRY_DEVICE_DISCARDING);
        bench_step(&b);
        if (way == 0) {
            stays_through_pieces_and_partings();
            bench_good(&b);
            bench_step(&b);
        } else if (way == 1) {
            bench_bad(&b, false);
            bench_step(&b);
            bench_bad(&b, true);
            bench_step(&b);
            bench_bad(&b, false);
        } else {
            bench_stuck(&b);
        }
        bench_expect(&b, way < 2 ? FERRY_DEVICE_IDLE : FERRY_DEVICE_BROKEN);
    }
}

/* ---- the comparison -------------------------------------------------------------- */

static void every_letter_of_the_devices_table_was_seen(void **state)
{
    (void)state;
    letters_expect_all_seen(&device_letters, &device_seen);
}

static void the_document_has_the_devices_table(void **state)
{
    (void)state;
    letters_expect_documented(&device_letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_collects_an_offer_refuses_it_or_checks_it),
        cmocka_unit_test(an_offer_without_a_transfer_goes_on_or_back_to_idle),
        cmocka_unit_test(an_offer_during_a_transfer_goes_back_to_the_transfer),
        cmocka_unit_test(erases_that_fail_during_an_offer_count_all_the_same),
        cmocka_unit_test(a_check_ends_in_looking_or_where_it_came_from),
        cmocka_unit_test(a_check_during_a_transfer_leaves_it_alone),
        cmocka_unit_test(an_erase_may_end_while_an_offer_is_checked),
        cmocka_unit_test(looking_finds_a_foreign_bank_or_what_a_reset_left),
        cmocka_unit_test(clearing_erases_writes_and_gives_up_at_the_third_failure),
        cmocka_unit_test(receiving_writes_what_comes_and_answers_other_offers),
        cmocka_unit_test(receiving_gives_up_at_the_third_failure),
        cmocka_unit_test(a_table_that_fails_is_made_anew_with_its_header),
        cmocka_unit_test(hashing_leads_to_the_gate_or_discards),
        cmocka_unit_test(the_gate_lets_only_the_accepted_envelope_pass),
        cmocka_unit_test(the_commit_waits_succeeds_or_is_refused),
        cmocka_unit_test(committed_and_broken_wait_for_a_reset),
        cmocka_unit_test(discarding_erases_the_header_or_gives_up),
        cmocka_unit_test(a_question_in_idle_is_answered_with_a_statement_in_pieces),
        cmocka_unit_test(the_same_question_gets_the_same_bytes_from_where_it_asks),
        cmocka_unit_test(another_question_waits_for_the_pace_of_signatures),
        cmocka_unit_test(reporting_waits_for_the_counter_and_the_signature),
        cmocka_unit_test(without_a_counter_or_a_signature_there_is_no_statement),
        cmocka_unit_test(an_offer_drops_the_statement_at_hand),
        cmocka_unit_test(the_first_frame_with_the_tag_tells_of_a_courier),
        cmocka_unit_test(the_commits_own_flash_work_changes_no_state),
        cmocka_unit_test(every_letter_of_the_devices_table_was_seen),
        cmocka_unit_test(the_document_has_the_devices_table),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, doc_open, NULL);
}
