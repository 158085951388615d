/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the application's journal may hold anything at all: the image before a
 * trial comes back whatever the trial wrote, and can be updated and heard again. */
#include "boots.h"

#include "journal.h"
#include "records.h"

static void scribble(struct world *w, uint64_t *rng)
{
    uint32_t at = w->map.app_journal[0] + rng_below(rng, 1024);
    uint32_t len = rng_below(rng, 1024U - (at - w->map.app_journal[0]) + 1);

    for (uint32_t i = 0; i < len; i++) {
        w->flash.bytes[at + i] = (uint8_t)rng_next(rng);
        w->flash.programmed[at + i] = 1;
    }
}

static void forge_at_random(struct world *w, uint64_t *rng)
{
    struct ferry_app_record rec;
    uint8_t *byte = (uint8_t *)&rec;

    for (size_t i = 0; i < sizeof rec; i++) {
        byte[i] = (uint8_t)rng_next(rng);
    }
    if (rng_below(rng, 2) == 0) { /* closer to something */
        rec.commit = rng_below(rng, 5);
        rec.bank = (uint8_t)rng_below(rng, 2);
        rec.confirm = rng_below(rng, 5) + 0xFFFFFFFEU;
    }
    (void)board_forge(w, &rec);
}

static void
the_old_image_comes_back_and_can_be_updated_whatever_the_trial_wrote(void **state)
{
    static struct cargo next;
    uint64_t rng = 0xB11;

    (void)state;
    boots_cargo(&next, 1, 0x01030000, 8, 0);
    for (unsigned round = 0; round < 200; round++) {
        struct world *w = trial_device();
        uint32_t trial = board_record(w).trial;
        for (unsigned n = 0; n < FERRY_TRIAL_FAULTS; n++) {
            expect_runs(w, &second, true);
            for (unsigned i = rng_below(&rng, 4); i > 0; i--) {
                if (rng_below(&rng, 2) == 0) {
                    scribble(w, &rng);
                } else {
                    forge_at_random(w, &rng);
                }
            }
            struct ferry_app_record rec = board_app_record(w);
            if (rec.confirm == trial) { /* that would be its right */
                rec.confirm = 0;
                assert_true(board_forge(w, &rec));
            }
            board_boot(w, FERRY_RESET_FAULT);
        }
        expect_runs(w, &first, false);
        assert_int_equal(board_record(w).floor, 5);
        board_start_app(w);
        world_run(w, 1000);
        board_planned_reset(w); /* whatever was asked is judged by now */
        expect_runs(w, &first, false);
        commit(w, &next);
        board_planned_reset(w);
        expect_runs(w, &next, true);
    }
}

/* The number of the newest record, once that stands early in this page. */
static uint32_t number_in(struct world *w, unsigned page)
{
    struct ferry_app_record rec;
    struct ferry_journal j;

    do {
        rec = board_app_record(w);
        assert_true(board_forge(w, &rec));
        ferry_journal_init(&j, &w->boot_hal, w->map.app_journal, FERRY_JOURNAL_APP,
                           sizeof rec);
        assert_int_equal(ferry_journal_scan(&j, &rec), 0);
    } while (j.holder != page || j.tail > 2);
    return j.sequence;
}

/* Numbers go up, and round. No record of whatever number must be the last one. */
static void a_record_with_an_absurd_number_does_not_stop_the_journal(void **state)
{
    static const uint32_t ahead[] = {0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFF0};
    static const uint8_t nonce[FERRY_NONCE_LEN] = {9};
    static struct cargo next;
    struct ferry_statement s;

    (void)state;
    boots_cargo(&next, 1, 0x01030000, 8, 0);
    for (unsigned i = 0; i < 2 * COUNT(ahead); i++) {
        struct world *w = trial_device();
        uint32_t number = number_in(w, i % 2) + ahead[i / 2];
        struct ferry_app_record rec = board_app_record(w);
        assert_true(board_forge_number(w, &rec, number));
        reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
        expect_runs(w, &first, false);
        uint32_t counter = 0;
        for (unsigned n = 0; n < 40; n++) {
            assert_true(board_statement(w, nonce, &s));
            assert_true(s.counter > counter);
            counter = s.counter;
            board_planned_reset(w);
        }
        commit(w, &next);
        board_planned_reset(w);
        expect_runs(w, &next, true);
    }
}

/* Every byte that was signed, and every byte that was hashed. The signature itself is
 * asked for where the bank could have been written since. */
static bool runs_what_was_signed(const struct world *w)
{
    const struct cargo *c = w->board.booted == 0 ? &first : &second;
    const uint8_t *bank = w->flash.bytes + w->map.bank[w->board.booted].addr;
    size_t len = c->env_len - (w->boot_hal.lock != NULL ? FERRY_SIG_LEN : 0);

    return memcmp(bank, c->env, len) == 0 &&
           world_bank_holds(w, (unsigned)w->board.booted, c->image, c->len);
}

/* Any bytes anywhere, in flash and in the RAM that a reset leaves alone. */
static void no_garbage_makes_anything_run_that_is_not_signed(void **state)
{
    uint64_t rng = 0x6A7BA6E;
    unsigned ran = 0, halted = 0;

    (void)state;
    struct world *w = updated_device();
    scene_keep();
    for (unsigned round = 0; round < 3000; round++) {
        scene_bring_back();
        w->boot_hal.lock = round % 2 == 0 ? NULL : w->flash_hal.lock;
        for (unsigned n = 1 + rng_below(&rng, 6); n > 0; n--) {
            uint32_t at = rng_below(&rng, w->flash.size);
            uint32_t len = 1 + rng_below(&rng, rng_below(&rng, 4) == 0 ? 4096 : 16);
            for (uint32_t i = at; i < at + len && i < w->flash.size; i++) {
                w->flash.bytes[i] = (uint8_t)rng_next(&rng);
                w->flash.programmed[i] = 1;
            }
        }
        for (size_t i = 0; i < sizeof w->board.handoff; i++) {
            ((uint8_t *)&w->board.handoff)[i] = (uint8_t)rng_next(&rng);
        }
        board_boot(w, (enum ferry_reset)rng_below(&rng, 8));
        if (w->board.booted < 0) {
            halted++;
            assert_int_equal(w->board.handoff.halt, -w->board.booted);
        } else {
            ran++;
            expect_true(round_name("round", round), runs_what_was_signed(w));
        }
    }
    assert_true(ran > 100 && halted > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_old_image_comes_back_and_can_be_updated_whatever_the_trial_wrote),
        cmocka_unit_test(a_record_with_an_absurd_number_does_not_stop_the_journal),
        cmocka_unit_test(no_garbage_makes_anything_run_that_is_not_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
