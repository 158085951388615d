/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests two moments at which somebody else's answer, or one wrong read, must not stick:
 * a statement asked for by another courier, and a start at which nothing holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "msg.h"
#include "world.h"

static struct world world;
static uint8_t image[8192], artifact[9000];

static void a_device(void)
{
    struct world_options o;
    struct release r;

    world_defaults(&o);
    o.bank_len = 32 * 1024;
    release_default(&r);
    r.version = 0x01000000;
    r.sec_ctr = 5;
    r.link = 0x1000;
    o.factory.len = release_make(&r, image, sizeof image, artifact);
    o.factory.bytes = artifact;
    world_init(&world, &o);
    assert_int_equal(world.board.booted, 0);
}

/* ---- the statement of another courier -------------------------------------------- */

static uint8_t asked; /* first byte of the nonce of the statement that came */

static void take(void *ctx, const uint8_t *env, size_t len)
{
    struct ferry_envelope e;
    struct ferry_statement s;

    (void)ctx;
    assert_int_equal(ferry_envelope_open(&e, env, len), 0);
    assert_int_equal(ferry_statement_parse(&s, e.payload, e.payload_len), 0);
    asked = s.nonce[0];
}

/* One round of values; the device does no work yet. */
static void exchange(struct ferry_courier *c)
{
    uint8_t value[244];
    size_t len;

    while ((len = ferry_courier_output(c, value, sizeof value, 0)) > 0) {
        ferry_device_input(&world.device, value, len, 0);
    }
    while ((len = ferry_device_output(&world.device, value, sizeof value, 0)) > 0) {
        ferry_courier_input(c, value, len, 0);
    }
}

/* The first courier asks and is gone; while the device makes its statement (a record in
 * flash, a signature: up to seconds) a second one comes and asks with a nonce of its
 * own: it must not hand over the answer to the first one's. */
static void a_courier_gets_the_statement_that_it_asked_for_or_none(void **state)
{
    static const uint8_t nonces[2][FERRY_NONCE_LEN] = {{1}, {2}};
    static struct ferry_courier_config cfg[2];
    static struct ferry_courier c[2];

    (void)state;
    a_device();
    for (unsigned i = 0; i < 2; i++) {
        cfg[i] = (struct ferry_courier_config){.value_max = 244,
                                               .nonce = {9, 9, 9, (uint8_t)i},
                                               .report_nonce = nonces[i],
                                               .statement = take};
        assert_int_equal(ferry_courier_init(&c[i], &cfg[i], 0), 0);
        ferry_device_link(&world.device, true, 0);
        ferry_courier_link(&c[i], true, 0);
        for (unsigned round = 0; round < 3; round++) {
            exchange(&c[i]);
        }
        assert_int_equal(ferry_courier_state(&c[i]),
                         i == 0 ? FERRY_COURIER_REPORT : FERRY_COURIER_LATER);
    }
    assert_int_equal(ferry_device_state(&world.device), FERRY_DEVICE_REPORTING);
    while (ferry_device_deadline(&world.device, 0) == 0) {
        ferry_device_tick(&world.device, 0);
    }
    exchange(&c[1]);
    assert_int_not_equal(asked, 1);
}

/* ---- a start at which nothing holds ---------------------------------------------- */

/* As it came from the factory. */
static void blank_journal(void)
{
    for (unsigned i = 0; i < 2; i++) {
        memset(world.flash.bytes + world.map.boot_journal[i], 0xFF,
               world.flash.erase_unit);
        memset(world.flash.programmed + world.map.boot_journal[i], 0,
               world.flash.erase_unit);
    }
}

/* One bit of the image reads wrong, this once. Nothing boots, and nothing may be written
 * that keeps a later start from looking again. */
static void looks_again(void)
{
    uint8_t *byte = world.flash.bytes + world.map.header_len + 100;

    *byte ^= 1;
    board_start(&world, FERRY_RESET_POWER);
    assert_int_equal(world.board.booted, FERRY_E_HASH);
    assert_int_equal(world.board.boot_writes + world.board.boot_erases, 0);
    *byte ^= 1;
    board_start(&world, FERRY_RESET_POWER);
    assert_int_equal(world.board.booted, 0);
}

/* At its very first start; or once its journal was lost, and the application's, which
 * still stands, has asked for something in its life. */
static void a_start_at_which_nothing_holds_decides_nothing_for_ever(void **state)
{
    struct ferry_app_record request = {.commit = 3, .bank = 1, .confirm = 2};

    (void)state;
    a_device();
    blank_journal();
    looks_again();
    a_device();
    assert_true(board_forge(&world, &request));
    blank_journal();
    looks_again();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_courier_gets_the_statement_that_it_asked_for_or_none),
        cmocka_unit_test(a_start_at_which_nothing_holds_decides_nothing_for_ever),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
