/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what an offer can lead to, with and without a transfer under way. */
#include "device_scenes.h"

static void offer_version(uint32_t version, uint8_t signer)
{
    struct release r;

    release_default(&r);
    r.version = version;
    r.signer = signer;
    bench_release(&b, &r, false);
    bench_pass(&b, 1000); /* signature checks are paced */
    bench_offer(&b);
    bench_expect(&b, FERRY_DEVICE_CHECKING);
}

void idle_collects_an_offer_refuses_it_or_checks_it(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    stays_through_pieces_and_partings();
    bench_step(&b);
    bench_piece(&b, 0, FERRY_ENVELOPE_MAX + 1, 48);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    assert_int_equal(b.verdict_code, -FERRY_E_LEN);
    bench_piece(&b, 0, 48, 48); /* whole, in one piece, and far too short */
    bench_expect(&b, FERRY_DEVICE_CHECKING);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    bench_piece(&b, 0, 200, 48);
    bench_expect(&b, FERRY_DEVICE_OFFERED);
}

void an_offer_without_a_transfer_goes_on_or_back_to_idle(void **state)
{
    uint16_t total;

    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    total = (uint16_t)b.env_len;
    bench_piece(&b, 0, total, 48);
    bench_step(&b);
    bench_piece(&b, 96, total, 48); /* a gap: what is here already is named */
    bench_expect(&b, FERRY_DEVICE_OFFERED);
    assert_int_equal(b.verdict, FERRY_VERDICT_MORE);
    bench_report(&b, 7, 0); /* half an envelope stands where it would be made */
    bench_expect(&b, FERRY_DEVICE_OFFERED);
    assert_int_equal(b.nones, 1);
    bench_drop(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    bench_piece(&b, 0, total, 48);
    bench_piece(&b, 0, FERRY_ENVELOPE_MAX + 1, 48);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    bench_offer(&b);
    bench_expect(&b, FERRY_DEVICE_CHECKING);
}

void an_offer_during_a_transfer_goes_back_to_the_transfer(void **state)
{
    uint16_t total;

    (void)state;
    start_receiving(true);
    total = (uint16_t)b.env_len;
    bench_piece(&b, 0, total, 48);
    bench_piece(&b, 0, FERRY_ENVELOPE_MAX + 1, 48);
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    bench_piece(&b, 0, total, 48);
    bench_hello(&b);
    assert_int_equal(b.info_flags, FERRY_INFO_BUSY);
    bench_expect(&b, FERRY_DEVICE_OFFERED);
    bench_pass(&b, 60000); /* no block since: the newest courier wins */
    bench_hello(&b);
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    bench_piece(&b, 0, total, 48);
    bench_good(&b); /* the erase ahead */
    bench_expect(&b, FERRY_DEVICE_OFFERED);
}

void erases_that_fail_during_an_offer_count_all_the_same(void **state)
{
    (void)state;
    start_receiving(true);
    fail_erases(1);
    bench_until_call(&b, FERRY_DEVICE_RECEIVING);
    bench_piece(&b, 0, (uint16_t)b.env_len, 48);
    bench_bad(&b, false);
    bench_expect(&b, FERRY_DEVICE_OFFERED);
    bench_drop(&b);
    bench_until_call(&b, FERRY_DEVICE_RECEIVING);
    bench_piece(&b, 0, (uint16_t)b.env_len, 48);
    bench_bad(&b, true);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    assert_int_equal(b.done_code, -FERRY_E_FLASH);

    start_receiving(true);
    bench_piece(&b, 0, (uint16_t)b.env_len, 48);
    bench_stuck(&b);
    bench_expect(&b, FERRY_DEVICE_BROKEN);
}

void a_check_ends_in_looking_or_where_it_came_from(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_IDLE); /* the backend answers at once */
    bench_offer(&b);
    stays_through_pieces_and_partings();
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_LOOKING);

    start_in(FERRY_DEVICE_IDLE);
    b.crypto_pends = true;
    bench_offer(&b);
    bench_until_call(&b, FERRY_DEVICE_CHECKING);
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_LOOKING);

    start_in(FERRY_DEVICE_IDLE);
    b.crypto_pends = true;
    offer_version(0x01000000, 0); /* the running one's: genuine, and not newer */
    bench_until_call(&b, FERRY_DEVICE_CHECKING);
    stays_through_pieces_and_partings();
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    bench_listen(&b);
    offer_version(0x01010000, 1); /* another slot's key has signed it */
    bench_until_call(&b, FERRY_DEVICE_CHECKING);
    bench_bad(&b, false);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    assert_int_equal(b.verdict_code, -FERRY_E_SIG);
    bench_pass(&b, 1000);
    bench_offer(&b);
    bench_until_call(&b, FERRY_DEVICE_CHECKING);
    bench_stuck(&b);
    assert_int_equal(b.done_code, -FERRY_E_CRYPTO);
}

void a_check_during_a_transfer_leaves_it_alone(void **state)
{
    (void)state;
    start_receiving(false);
    bench_offer(&b); /* the same again */
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    assert_int_equal(b.verdict, FERRY_VERDICT_ACCEPT);

    b.crypto_pends = true;
    offer_version(0x01000001, 0); /* newer than what runs, older than the pending one */
    bench_until_call(&b, FERRY_DEVICE_CHECKING);
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    assert_int_equal(b.verdict_code, FERRY_LATER_PENDING);
    offer_version(0x01000001, 1);
    bench_until_call(&b, FERRY_DEVICE_CHECKING);
    bench_bad(&b, false);
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    assert_int_equal(b.ack.base, 1);
}

void an_erase_may_end_while_an_offer_is_checked(void **state)
{
    (void)state;
    start_receiving(true);
    bench_offer(&b);
    bench_expect(&b, FERRY_DEVICE_CHECKING);
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_CHECKING);

    start_receiving(true);
    bench_offer(&b);
    bench_bad(&b, false);
    bench_expect(&b, FERRY_DEVICE_CHECKING);

    start_receiving(true);
    fail_erases(2);
    bench_until_call(&b, FERRY_DEVICE_RECEIVING);
    bench_offer(&b);
    bench_bad(&b, false);
    bench_expect(&b, FERRY_DEVICE_IDLE);
}
