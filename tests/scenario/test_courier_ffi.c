/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the courier behind one pointer against a whole device: what crosses is numbers
 * and bytes, and they say what the structs of ferry/courier.h would. */
#include "boots.h"

#include "ferry/courier_ffi.h"

#define STEP_MS 30U
#define VALUE 244U
#define PER_EVENT 4U /* values each way in a step */

static const uint8_t nonce[4] = {1, 2, 3, 4};
static const uint8_t question[16] = {9, 8, 7};

static struct {
    uint64_t memory[512];
    struct ferry_ffi *f;
} phone;

/* ---- the phone ------------------------------------------------------------------- */

static void new_phone(void)
{
    memset(phone.memory, 0xA5, sizeof phone.memory); /* as a heap hands it out */
    phone.f = ferry_ffi_make(phone.memory, sizeof phone.memory);
    assert_non_null(phone.f);
}

/* It carries these two, and has the link. */
static void start_with(struct world *w, const struct cargo *a, const struct cargo *b)
{
    assert_int_equal(ferry_ffi_artifact(phone.f, a->artifact.bytes, a->artifact.len),
                     0);
    assert_int_equal(ferry_ffi_artifact(phone.f, b->artifact.bytes, b->artifact.len),
                     1);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, w->now), 0);
}

static void connect(struct world *w)
{
    ferry_device_link(&w->device, true, w->now);
    ferry_ffi_link(phone.f, 1, w->now);
}

static void disconnect(struct world *w)
{
    ferry_device_link(&w->device, false, w->now);
    ferry_ffi_link(phone.f, 0, w->now);
}

static uint32_t look(enum ferry_ffi_place place)
{
    uint32_t all[FERRY_FFI_PLACES];

    assert_int_equal(ferry_ffi_look(phone.f, all, FERRY_FFI_PLACES), FERRY_FFI_PLACES);
    return all[place];
}

static void work(struct world *w)
{
    while (ferry_device_deadline(&w->device, w->now) == 0) {
        ferry_device_tick(&w->device, w->now);
    }
    if (ferry_ffi_deadline(phone.f, w->now) == 0) {
        ferry_ffi_tick(phone.f, w->now);
    }
}

/* What each end says at one connection event, heard by the other. */
static void exchange(struct world *w)
{
    uint8_t value[VALUE];
    size_t len;

    for (unsigned i = 0; i < PER_EVENT; i++) {
        len = ferry_ffi_output(phone.f, value, sizeof value, w->now);
        ferry_device_input(&w->device, value, len, w->now);
        work(w);
        len = ferry_device_output(&w->device, value, sizeof value, w->now);
        ferry_ffi_input(phone.f, value, len, w->now);
    }
}

static void step(struct world *w)
{
    w->now += STEP_MS;
    work(w);
    exchange(w);
}

/* Until the phone is in that state, or a minute has passed. */
static void run_to(struct world *w, enum ferry_courier_state state)
{
    for (unsigned i = 0; i < MINUTE / STEP_MS && look(FERRY_FFI_STATE) != state; i++) {
        step(w);
    }
    assert_int_equal(look(FERRY_FFI_STATE), state);
}

/* ---- before start ---------------------------------------------------------------- */

static void a_session_wants_enough_bytes_at_the_right_address(void **state)
{
    uint8_t *bytes = (uint8_t *)phone.memory;
    size_t size = ferry_ffi_size(), align = ferry_ffi_align();

    (void)state;
    assert_in_range(size, ferry_courier_size(), sizeof phone.memory - align);
    assert_null(ferry_ffi_make(bytes, size - 1));
    for (size_t off = 0; off <= align; off++) {
        struct ferry_ffi *f = ferry_ffi_make(bytes + off, size);
        assert_true((f != NULL) == (off % align == 0));
    }
}

static void a_session_that_was_not_started_does_nothing(void **state)
{
    uint8_t value[VALUE];

    (void)state;
    new_phone();
    ferry_ffi_link(phone.f, 1, 0);
    ferry_ffi_input(phone.f, value, 0, 0);
    ferry_ffi_tick(phone.f, 0);
    ferry_ffi_abort(phone.f, 0);
    assert_int_equal(ferry_ffi_output(phone.f, value, sizeof value, 0), 0);
    assert_int_equal(ferry_ffi_deadline(phone.f, 0), UINT32_MAX);
    assert_int_equal(look(FERRY_FFI_STATE), FERRY_COURIER_DOWN);
    assert_int_equal(look(FERRY_FFI_PEER), 0);
    assert_int_equal(look(FERRY_FFI_ERROR), 0);
}

static void artifacts_and_questions_are_given_before_the_start(void **state)
{
    (void)state;
    struct world *w = new_device();
    new_phone();
    start_with(w, &first, &second);
    assert_int_equal(ferry_ffi_artifact(phone.f, nonce, sizeof nonce), FERRY_E_STATE);
    assert_int_equal(ferry_ffi_ask(phone.f, question), FERRY_E_STATE);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, 0), FERRY_E_STATE);
}

static void there_is_room_for_eight_artifacts_and_none_of_them_is_empty(void **state)
{
    (void)state;
    new_phone();
    assert_int_equal(ferry_ffi_artifact(phone.f, nonce, 0), FERRY_E_ARG);
    assert_int_equal(ferry_ffi_artifact(phone.f, NULL, 4), FERRY_E_ARG);
    for (int i = 0; i < (int)FERRY_FFI_ARTIFACTS; i++) {
        assert_int_equal(ferry_ffi_artifact(phone.f, nonce, sizeof nonce), i);
    }
    assert_int_equal(ferry_ffi_artifact(phone.f, nonce, sizeof nonce), FERRY_E_ARG);
}

static void nothing_to_carry_and_nothing_to_ask_is_no_session(void **state)
{
    (void)state;
    new_phone();
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, 0), FERRY_E_ARG);
    assert_int_equal(ferry_ffi_ask(phone.f, question), 0);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, 0, 0), FERRY_E_ARG);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, 0), 0);
}

/* ---- an update ------------------------------------------------------------------- */

static void an_update_is_carried_and_the_numbers_tell_of_it(void **state)
{
    uint8_t id[16];

    (void)state;
    struct world *w = new_device();
    new_phone();
    start_with(w, &first, &second);
    connect(w);
    run_to(w, FERRY_COURIER_SEND);
    assert_int_equal(look(FERRY_FFI_PEER), 1);
    assert_int_equal(look(FERRY_FFI_WITHHELD), 0);
    assert_int_equal(look(FERRY_FFI_PEER_VERSION), 0x01000000);
    assert_int_equal(look(FERRY_FFI_PEER_HW_REV), w->identity.hw_rev);
    ferry_ffi_class(phone.f, id);
    assert_memory_equal(id, w->identity.class_id, sizeof id);
    run_to(w, FERRY_COURIER_DONE);
    assert_true(world_bank_holds(w, 1, second.image, second.len));
    assert_int_equal(look(FERRY_FFI_ERROR), 0);
    assert_int_equal(look(FERRY_FFI_WHICH), 1);
    assert_int_equal(look(FERRY_FFI_VERSION), 0x01010000);
    assert_int_equal(look(FERRY_FFI_IMAGE_LEN), second.len);
    assert_int_equal(look(FERRY_FFI_ACKED), second.len);
    assert_int_equal(look(FERRY_FFI_VERIFIED), second.len);
    assert_int_equal(look(FERRY_FFI_IMAGE_BYTES_SENT), second.len);
    assert_int_equal(look(FERRY_FFI_BYTES_REPEATED), 0);
    assert_int_equal(look(FERRY_FFI_FRAMES_BAD), 0);
    assert_int_equal(look(FERRY_FFI_HELLOS), 1);
    assert_int_equal(look(FERRY_FFI_LEFT_MS), 0);
}

static void a_lost_link_is_waited_for_and_what_was_acked_is_not_sent_again(void **state)
{
    (void)state;
    struct world *w = new_device();
    new_phone();
    start_with(w, &first, &second);
    connect(w);
    while (look(FERRY_FFI_ACKED) == 0) {
        step(w);
    }
    uint32_t acked = look(FERRY_FFI_ACKED);
    uint32_t sent = look(FERRY_FFI_IMAGE_BYTES_SENT);
    disconnect(w);
    assert_in_range(acked, 1, second.len - 1);
    assert_int_equal(look(FERRY_FFI_STATE), FERRY_COURIER_DOWN);
    assert_int_equal(look(FERRY_FFI_WAIT), FERRY_WAIT_LINK);
    connect(w);
    run_to(w, FERRY_COURIER_DONE);
    assert_int_equal(look(FERRY_FFI_IMAGE_BYTES_SENT), sent + second.len - acked);
    assert_int_equal(look(FERRY_FFI_HELLOS), 2);
}

static void what_nobody_answers_is_said_again_in_time(void **state)
{
    uint8_t value[VALUE];

    (void)state;
    new_phone();
    assert_int_equal(ferry_ffi_ask(phone.f, question), 0);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, 0), 0);
    assert_int_equal(ferry_ffi_deadline(phone.f, 0), UINT32_MAX);
    ferry_ffi_link(phone.f, 1, 0);
    assert_int_not_equal(ferry_ffi_output(phone.f, value, sizeof value, 0), 0);
    assert_int_equal(ferry_ffi_output(phone.f, value, sizeof value, 0), 0);
    uint32_t wait = ferry_ffi_deadline(phone.f, 0);
    assert_in_range(wait, 1, MINUTE);
    ferry_ffi_tick(phone.f, wait);
    assert_int_not_equal(ferry_ffi_output(phone.f, value, sizeof value, wait), 0);
    assert_int_equal(look(FERRY_FFI_WAIT), FERRY_WAIT_PEER);
}

/* The place where it goes on is not in its file at all. */
static void a_phone_with_a_part_of_the_file_goes_on_for_nobody(void **state)
{
    (void)state;
    struct world *w = new_device();
    new_phone();
    start_with(w, &first, &second);
    connect(w);
    while (look(FERRY_FFI_ACKED) == 0) {
        step(w);
    }
    disconnect(w);
    new_phone();
    assert_int_equal(ferry_ffi_artifact(phone.f, second.artifact.bytes, second.env_len),
                     0);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, w->now), 0);
    connect(w);
    run_to(w, FERRY_COURIER_PARKED);
    assert_int_equal(look(FERRY_FFI_ERROR), -FERRY_E_READ);
}

static void the_statement_is_kept_until_it_is_fetched(void **state)
{
    uint8_t said[FERRY_ENVELOPE_MAX], untouched[FERRY_ENVELOPE_MAX] = {0};

    (void)state;
    struct world *w = new_device();
    new_phone();
    memset(said, 0, sizeof said);
    assert_int_equal(ferry_ffi_statement(phone.f, said, sizeof said), 0);
    assert_int_equal(ferry_ffi_ask(phone.f, question), 0);
    start_with(w, &first, &second);
    connect(w);
    run_to(w, FERRY_COURIER_DONE);
    size_t len = look(FERRY_FFI_STATEMENT_LEN);
    assert_in_range(len, 1, FERRY_ENVELOPE_MAX);
    assert_int_equal(ferry_ffi_statement(phone.f, said, len - 1), len);
    assert_memory_equal(said, untouched, sizeof said);
    assert_int_equal(ferry_ffi_statement(phone.f, said, len), len);
    assert_int_equal(ferry_envelope_len(said), len);
}

/* ---- what ends it ---------------------------------------------------------------- */

static void an_error_is_told_as_a_positive_number(void **state)
{
    (void)state;
    struct world *w = new_device();
    new_phone();
    start_with(w, &second, &third);
    connect(w);
    run_to(w, FERRY_COURIER_SEND);
    ferry_ffi_abort(phone.f, w->now);
    assert_int_equal(look(FERRY_FFI_STATE), FERRY_COURIER_REFUSED);
    assert_int_equal(look(FERRY_FFI_ERROR), -FERRY_E_ABORT);
    assert_int_equal(look(FERRY_FFI_WAIT), FERRY_WAIT_REFUSED);
}

static void a_device_that_says_later_is_understood(void **state)
{
    (void)state;
    struct world *w = trial_device(); /* which takes no other while it is on trial */
    new_phone();
    start_with(w, &third, &second);
    connect(w);
    run_to(w, FERRY_COURIER_LATER);
    assert_int_equal(look(FERRY_FFI_WAIT), FERRY_WAIT_LATER);
    assert_int_equal(look(FERRY_FFI_LATER_WHY), FERRY_LATER_TRIAL);
    assert_int_not_equal(look(FERRY_FFI_LATER_SECONDS), 0);
}

/* An envelope that promises an image which is not there. */
static void an_artifact_is_not_read_past_its_end(void **state)
{
    (void)state;
    struct world *w = new_device();
    new_phone();
    assert_int_equal(
        ferry_ffi_artifact(phone.f, second.artifact.bytes, second.artifact.len - 1), 0);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, w->now), 0);
    connect(w);
    run_to(w, FERRY_COURIER_PARKED);
    assert_int_equal(look(FERRY_FFI_ERROR), -FERRY_E_READ);
}

static void an_artifact_of_a_few_bytes_is_not_read_at_all(void **state)
{
    (void)state;
    struct world *w = new_device();
    new_phone();
    assert_int_equal(ferry_ffi_artifact(phone.f, second.artifact.bytes, 11), 0);
    assert_int_equal(ferry_ffi_start(phone.f, nonce, VALUE, w->now), 0);
    connect(w);
    run_to(w, FERRY_COURIER_PARKED);
    assert_int_equal(look(FERRY_FFI_ERROR), -FERRY_E_READ);
}

/* ---- looking --------------------------------------------------------------------- */

static void an_older_caller_gets_the_numbers_it_knows(void **state)
{
    uint32_t some[FERRY_FFI_PLACES + 1];

    (void)state;
    new_phone();
    memset(some, 0xA5, sizeof some);
    assert_int_equal(ferry_ffi_look(phone.f, some, 2), 2);
    assert_int_equal(some[FERRY_FFI_ERROR], 0);
    assert_int_equal(some[2], 0xA5A5A5A5);
    assert_int_equal(ferry_ffi_look(phone.f, some, FERRY_FFI_PLACES + 1),
                     FERRY_FFI_PLACES);
    assert_int_equal(some[FERRY_FFI_PLACES], 0xA5A5A5A5);
}

static void numbers_have_the_words_of_the_courier(void **state)
{
    (void)state;
    assert_string_equal(ferry_ffi_wait_name(FERRY_WAIT_ERASING), "erasing");
    assert_string_equal(ferry_ffi_wait_name(FERRY_WAITS), "");
    assert_string_equal(ferry_ffi_wait_name(UINT32_MAX), "");
    assert_string_equal(ferry_ffi_later_name(FERRY_LATER_TRIAL), "trial");
    assert_string_equal(ferry_ffi_later_name(256 + FERRY_LATER_TRIAL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_wants_enough_bytes_at_the_right_address),
        cmocka_unit_test(a_session_that_was_not_started_does_nothing),
        cmocka_unit_test(artifacts_and_questions_are_given_before_the_start),
        cmocka_unit_test(there_is_room_for_eight_artifacts_and_none_of_them_is_empty),
        cmocka_unit_test(nothing_to_carry_and_nothing_to_ask_is_no_session),
        cmocka_unit_test(an_update_is_carried_and_the_numbers_tell_of_it),
        cmocka_unit_test(
            a_lost_link_is_waited_for_and_what_was_acked_is_not_sent_again),
        cmocka_unit_test(what_nobody_answers_is_said_again_in_time),
        cmocka_unit_test(a_phone_with_a_part_of_the_file_goes_on_for_nobody),
        cmocka_unit_test(the_statement_is_kept_until_it_is_fetched),
        cmocka_unit_test(an_error_is_told_as_a_positive_number),
        cmocka_unit_test(a_device_that_says_later_is_understood),
        cmocka_unit_test(an_artifact_is_not_read_past_its_end),
        cmocka_unit_test(an_artifact_of_a_few_bytes_is_not_read_at_all),
        cmocka_unit_test(an_older_caller_gets_the_numbers_it_knows),
        cmocka_unit_test(numbers_have_the_words_of_the_courier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
