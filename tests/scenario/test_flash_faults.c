/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests flash that fails: once, at every operation, in every way; for good; or by never
 * answering. Once is healed by an erase and a refill; for good ends in a defined error at
 * the courier. */
#include "scene.h"

#include "peer.h"

static struct cargo cargo;

/* The n-th erase or write is hit, or every one from the n-th on. */
static struct {
    struct sim_flash *flash;
    struct ferry_flash real;
    enum sim_fault erase_fault, write_fault;
    uint32_t at, seen, how_many;
} hit;

static void count(enum sim_fault armed)
{
    if (armed != SIM_FAULT_NONE && ++hit.seen == hit.at) {
        hit.flash->faults = hit.how_many;
    }
}

static int faulty_erase(void *ctx, uint32_t addr)
{
    bool last = hit.flash->mode != SIM_FLASH_SLICED ||
                (hit.flash->slice_addr == addr &&
                 hit.flash->slices_done + 1 == hit.flash->slices);

    if (last) {
        count(hit.erase_fault);
    }
    return hit.real.erase(ctx, addr);
}

static int faulty_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    count(hit.write_fault);
    return hit.real.write(ctx, addr, buf, len);
}

static struct world *faulty(enum sim_flash_mode mode, enum sim_fault erase_fault,
                            enum sim_fault write_fault, uint32_t at, uint32_t how_many)
{
    struct world *w = plain_scene();

    w->flash.mode = mode;
    w->flash.erase_fault = erase_fault;
    w->flash.write_fault = write_fault;
    memset(&hit, 0, sizeof hit);
    hit.flash = &w->flash;
    hit.real = w->flash_hal;
    hit.erase_fault = erase_fault;
    hit.write_fault = write_fault;
    hit.at = at;
    hit.how_many = how_many;
    w->flash_hal.erase = faulty_erase;
    w->flash_hal.write = faulty_write;
    return w;
}

/* ---- once ------------------------------------------------------------------------ */

/* False: there was no n-th operation. */
static bool fault_once(enum sim_flash_mode mode, enum sim_fault erase_fault,
                       enum sim_fault write_fault, uint32_t at)
{
    struct world *w = faulty(mode, erase_fault, write_fault, at, 1);

    send_courier(w, &cargo);
    expect_true(round_name("operation", at), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    expect_true(round_name("operation", at), w->courier.counts.parks == 0);
    /* A failed write costs its block, a failed erase itself. */
    expect_true(round_name("operation", at),
                w->courier.counts.image_bytes_sent <= cargo.len + 2 * BLOCK);
    expect_true(round_name("operation", at), w->flash.erases <= 1 + 4 + 2);
    return hit.seen >= at;
}

static uint32_t fault_everywhere(enum sim_flash_mode mode, enum sim_fault erase_fault,
                                 enum sim_fault write_fault)
{
    uint32_t at = 1;

    while (fault_once(mode, erase_fault, write_fault, at)) {
        at++;
    }
    return at - 1;
}

static void one_failed_write_anywhere_is_healed_by_a_refill(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 100, 121);
    for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_SLICED; mode++) {
        uint32_t n = fault_everywhere((enum sim_flash_mode)mode, SIM_FAULT_NONE,
                                      SIM_FAULT_ERROR);
        assert_in_range(n, 2 + 97, 2 + 97 + 64);
    }
}

/* It says that it wrote, and did not: the read-back finds it. */
static void one_write_that_does_nothing_anywhere_is_healed_by_a_refill(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 100, 122);
    for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_SLICED; mode++) {
        uint32_t n = fault_everywhere((enum sim_flash_mode)mode, SIM_FAULT_NONE,
                                      SIM_FAULT_NO_OP);
        assert_in_range(n, 2 + 97, 2 + 97 + 64);
    }
}

static void one_failed_erase_anywhere_is_repeated(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 100, 123);
    for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_SLICED; mode++) {
        uint32_t n = fault_everywhere((enum sim_flash_mode)mode, SIM_FAULT_ERROR,
                                      SIM_FAULT_NONE);
        assert_in_range(n, 5, 6);
    }
}

static void one_erase_that_does_nothing_anywhere_is_repeated(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 100, 124);
    for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_SLICED; mode++) {
        uint32_t n = fault_everywhere((enum sim_flash_mode)mode, SIM_FAULT_NO_OP,
                                      SIM_FAULT_NONE);
        assert_in_range(n, 5, 6);
    }
}

/* ---- for good -------------------------------------------------------------------- */

struct seen_error {
    bool flash, block, other;
};

static struct seen_error run_and_note_errors(struct world *w, uint32_t ms)
{
    struct seen_error seen = {false, false, false};
    uint32_t until = w->now + ms;

    while (w->now != until) {
        world_step(w, until);
        if (w->courier.state == FERRY_COURIER_PARKED) {
            int err = ferry_courier_error(&w->courier);
            seen.flash |= err == FERRY_E_FLASH;
            seen.block |= err == FERRY_E_BLOCK || err == FERRY_E_BLOCKS;
            seen.other |=
                err != FERRY_E_FLASH && err != FERRY_E_BLOCK && err != FERRY_E_BLOCKS;
        }
    }
    return seen;
}

/* From the n-th operation on nothing works any more. */
static void fail_for_good(enum sim_flash_mode mode, enum sim_fault erase_fault,
                          enum sim_fault write_fault)
{
    for (uint32_t at = 1; at < 60; at += 1 + at / 4) {
        struct world *w = faulty(mode, erase_fault, write_fault, at, UINT32_MAX);
        send_courier(w, &cargo);
        struct seen_error seen = run_and_note_errors(w, 2 * MINUTE);
        if (hit.seen < at) {
            break;
        }
        expect_true(round_name("from", at), seen.flash || seen.block);
        expect_true(round_name("from", at), !seen.other);
        expect_no_commit(w);
        /* New flash, as it were: nothing of this is for ever. */
        w->flash.faults = 0;
        hit.at = 0;
        world_power_cut(w);
        world_run(w, 2000);
        send_courier(w, &cargo);
        expect_true(round_name("from", at), travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
    }
}

static void writes_that_fail_for_good_end_in_an_error_at_the_courier(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 125);
    fail_for_good(SIM_FLASH_SYNC, SIM_FAULT_NONE, SIM_FAULT_ERROR);
    fail_for_good(SIM_FLASH_SYNC, SIM_FAULT_NONE, SIM_FAULT_NO_OP);
    fail_for_good(SIM_FLASH_ASYNC, SIM_FAULT_NONE, SIM_FAULT_ERROR);
    fail_for_good(SIM_FLASH_SLICED, SIM_FAULT_NONE, SIM_FAULT_NO_OP);
}

static void erases_that_fail_for_good_end_in_an_error_at_the_courier(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 126);
    fail_for_good(SIM_FLASH_SYNC, SIM_FAULT_ERROR, SIM_FAULT_NONE);
    fail_for_good(SIM_FLASH_SYNC, SIM_FAULT_NO_OP, SIM_FAULT_NONE);
    fail_for_good(SIM_FLASH_ASYNC, SIM_FAULT_ERROR, SIM_FAULT_NONE);
    fail_for_good(SIM_FLASH_SLICED, SIM_FAULT_NO_OP, SIM_FAULT_NONE);
}

/* An erase that fails wears flash like one that works. */
static void failing_erases_use_up_the_budget_too(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 127);
    struct world *w =
        faulty(SIM_FLASH_SYNC, SIM_FAULT_NO_OP, SIM_FAULT_NONE, 1, UINT32_MAX);
    struct peer p;
    peer_init(&p, w, 1);
    for (unsigned i = 0; i < 200; i++) {
        peer_hello(&p);
        peer_offer(&p, cargo.env, cargo.env_len);
        world_run(w, 1000);
    }
    assert_in_range(w->flash.erases, 1, 2 * 3 + 16);
}

/* ---- no answer ------------------------------------------------------------------- */

static void never_done(bool erase, uint32_t at)
{
    struct world *w = faulty(SIM_FLASH_ASYNC, erase ? SIM_FAULT_NEVER : SIM_FAULT_NONE,
                             erase ? SIM_FAULT_NONE : SIM_FAULT_NEVER, at, 1);
    uint8_t borrowed[100];

    send_courier(w, &cargo);
    while (!w->flash.never) {
        world_step(w, w->now + MINUTE);
    }
    uint32_t began = w->now;
    uint32_t ops = flash_ops(w);
    const uint8_t *buf = w->flash.op_buf;
    if (!erase) { /* what is still being programmed must not change, now or ever */
        memcpy(borrowed, buf, sizeof borrowed);
    }
    expect_true(round_name("never", at), run_until(w, FERRY_DEVICE_BROKEN, MINUTE));
    expect_true(round_name("never", at), w->now - began >= 4900);
    expect_true(round_name("never", at), w->now - began <= 5100);
    struct seen_error seen = run_and_note_errors(w, 10 * MINUTE);
    expect_true(round_name("never", at), !seen.block && !seen.other);
    expect_err(round_name("never", at), ferry_courier_error(&w->courier),
               FERRY_E_FLASH);
    assert_int_equal(ferry_device_error(&w->device), FERRY_E_FLASH);

    /* Whatever comes, the buffer is not used again, and flash not called. */
    struct peer p;
    peer_init(&p, w, 3);
    peer_hello(&p);
    peer_offer(&p, cargo.env, cargo.env_len);
    assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_REFUSE);
    expect_err("offer", -(int)p.verdict.u.verdict.code, FERRY_E_FLASH);
    for (uint32_t i = 0; i < 40; i++) {
        struct ferry_msg m = {.type = FERRY_MSG_CHUNK};
        m.u.chunk.index = i;
        m.rest = cargo.image;
        m.rest_len = 128;
        peer_say(&p, &m);
    }
    if (!erase) {
        assert_memory_equal(borrowed, buf, sizeof borrowed);
    }
    ferry_device_done(&w->device, 0, w->now); /* late */
    ferry_device_done(&w->device, -1, w->now);
    assert_int_equal(w->device.state, FERRY_DEVICE_BROKEN);
    assert_int_equal(flash_ops(w), ops);

    world_power_cut(w);
    send_courier(w, &cargo);
    expect_true(round_name("never", at), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
}

static void a_write_that_never_ends_breaks_the_session_after_5_s(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK + 100, 128);
    for (uint32_t at = 1; at <= 2 + 33; at += 1 + at / 3) {
        never_done(false, at);
    }
}

static void an_erase_that_never_ends_breaks_the_session_after_5_s(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK + 100, 129);
    for (uint32_t at = 1; at <= 3; at++) {
        never_done(true, at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failed_write_anywhere_is_healed_by_a_refill),
        cmocka_unit_test(one_write_that_does_nothing_anywhere_is_healed_by_a_refill),
        cmocka_unit_test(one_failed_erase_anywhere_is_repeated),
        cmocka_unit_test(one_erase_that_does_nothing_anywhere_is_repeated),
        cmocka_unit_test(writes_that_fail_for_good_end_in_an_error_at_the_courier),
        cmocka_unit_test(erases_that_fail_for_good_end_in_an_error_at_the_courier),
        cmocka_unit_test(failing_erases_use_up_the_budget_too),
        cmocka_unit_test(a_write_that_never_ends_breaks_the_session_after_5_s),
        cmocka_unit_test(an_erase_that_never_ends_breaks_the_session_after_5_s),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
