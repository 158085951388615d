/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how the staging bank is looked at, cleared and filled, and what fails there. */
#include "device_scenes.h"

/* The battery dies, and a courier offers the same image again. */
static void look_after_a_reset(void)
{
    world_power_cut(&b.w);
    ferry_device_link(&b.w.device, true, b.w.now);
    bench_hello(&b);
    bench_offer(&b);
    bench_until(&b, FERRY_DEVICE_LOOKING);
}

void looking_finds_a_foreign_bank_or_what_a_reset_left(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_LOOKING);
    stays_through_pieces_and_partings();
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_CLEARING);

    /* Nothing but the table: the last that matches is written anew, header and all. */
    start_receiving(false);
    look_after_a_reset();
    bench_step(&b);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_CLEARING);

    /* The table and one block of the image: that block is filled again. */
    start_receiving(false);
    bench_until_base(&b, 2);
    look_after_a_reset();
    bench_step(&b);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_LOOKING);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    assert_int_equal(b.ack.base, 1);
}

void clearing_erases_writes_and_gives_up_at_the_third_failure(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_CLEARING);
    bench_step(&b);
    stays_through_pieces_and_partings();
    bench_good(&b); /* erased */
    bench_step(&b);
    bench_bad(&b, true); /* not written: begin anew */
    bench_expect(&b, FERRY_DEVICE_CLEARING);
    bench_step(&b);
    bench_good(&b);
    bench_step(&b);
    bench_good(&b); /* written */
    bench_expect(&b, FERRY_DEVICE_RECEIVING);

    start_in(FERRY_DEVICE_CLEARING);
    for (unsigned i = 0; i < 3; i++) {
        bench_step(&b);
        bench_bad(&b, false);
    }
    bench_expect(&b, FERRY_DEVICE_IDLE);

    start_in(FERRY_DEVICE_CLEARING);
    bench_step(&b);
    bench_stuck(&b);
    bench_expect(&b, FERRY_DEVICE_BROKEN);

    start_in(FERRY_DEVICE_CLEARING); /* with a flash that blocks */
    b.w.flash.mode = SIM_FLASH_SYNC;
    bench_step(&b);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_RECEIVING);

    start_in(FERRY_DEVICE_CLEARING);
    b.w.flash.mode = SIM_FLASH_SYNC;
    b.w.flash.erase_fault = SIM_FAULT_NO_OP;
    b.w.flash.faults = 3;
    bench_step(&b);
    bench_step(&b);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
}

void receiving_writes_what_comes_and_answers_other_offers(void **state)
{
    (void)state;
    start_receiving(true);
    stays_through_pieces_and_partings();
    bench_good(&b);
    bench_until_call(&b, FERRY_DEVICE_RECEIVING);
    bench_good(&b); /* the second block's unit */
    bench_chunk(&b);
    bench_step(&b);
    assert_int_equal(b.w.flash.op, SIM_WRITING);
    bench_piece(&b, 0, (uint16_t)b.env_len, 48); /* the pool is lent to flash */
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    assert_int_equal(b.verdict, FERRY_VERDICT_MORE);
    bench_good(&b);
    assert_int_equal(b.ack.bits[0], 1);
    bench_chunk(&b);
    bench_step(&b);
    bench_bad(&b, false); /* a new epoch: the block is refilled */
    bench_expect(&b, FERRY_DEVICE_RECEIVING);
    assert_int_equal(b.ack.bits[0], 0);
    assert_int_equal(b.ack.epoch, 1);
    bench_piece(&b, 0, 48, 48);
    bench_expect(&b, FERRY_DEVICE_CHECKING);
}

void receiving_gives_up_at_the_third_failure(void **state)
{
    (void)state;
    start_receiving(true);
    fail_erases(3);
    bench_expect(&b, FERRY_DEVICE_IDLE);

    start_receiving(true);
    bench_stuck(&b);
    bench_expect(&b, FERRY_DEVICE_BROKEN);

    start_receiving(false); /* block 1 never matches */
    b.spoilt = 1;
    bench_until(&b, FERRY_DEVICE_IDLE);
    assert_int_equal(b.done_code, -FERRY_E_BLOCK);
}

void a_table_that_fails_is_made_anew_with_its_header(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_RECEIVING);
    bench_chunk(&b);
    bench_step(&b);
    bench_bad(&b, true); /* the chunk does not read back */
    bench_expect(&b, FERRY_DEVICE_CLEARING);

    start_in(FERRY_DEVICE_RECEIVING);
    b.spoilt = 0;
    bench_until(&b, FERRY_DEVICE_CLEARING);
    bench_until(&b, FERRY_DEVICE_RECEIVING);
    b.spoilt = NO_BLOCK;
    bench_until(&b, FERRY_DEVICE_COMMITTED);
}
