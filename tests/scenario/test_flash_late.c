/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests flash that answers when it likes: late, after a failure that its driver mends, in
 * slices, never; with the supply going in the middle of it, and with a peer that aborts
 * while it works. */
#include "peer.h"

static struct cargo cargo;

static struct {
    struct sim_flash *flash;
    struct ferry_flash real;
    uint32_t at, seen;
} hit;

static void count(void)
{
    if (++hit.seen == hit.at) {
        hit.flash->faults = 1;
    }
}

static int erase(void *ctx, uint32_t addr)
{
    count();
    return hit.real.erase(ctx, addr);
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    count();
    return hit.real.write(ctx, addr, buf, len);
}

/* The n-th call of this device's answers like that; its slices are calls, too. */
static struct world *odd(enum sim_flash_mode mode, enum sim_fault fault, uint32_t at,
                         uint32_t late_ms)
{
    struct world *w = plain_scene();

    w->flash.mode = mode;
    w->flash.erase_fault = fault;
    w->flash.write_fault = fault;
    w->flash.late_ms = late_ms;
    hit.flash = &w->flash;
    hit.real = w->flash_hal;
    hit.at = at;
    hit.seen = 0;
    w->flash_hal.erase = erase;
    w->flash_hal.write = write;
    return w;
}

static const struct {
    const char *name;
    enum sim_flash_mode mode;
    enum sim_fault fault;
    uint32_t late_ms;
    bool whole; /* the session goes on as if nothing had been */
} oddities[] = {
    {"late by 300 ms", SIM_FLASH_ASYNC, SIM_FAULT_LATE, 300, true},
    {"late by 4.8 s", SIM_FLASH_ASYNC, SIM_FAULT_LATE, 4800, true},
    {"failed and retried", SIM_FLASH_ASYNC, SIM_FAULT_RETRIED, 0, true},
    {"failed", SIM_FLASH_ASYNC, SIM_FAULT_ERROR, 0, true},
    {"never", SIM_FLASH_ASYNC, SIM_FAULT_NEVER, 0, false},
    {"in slices", SIM_FLASH_SLICED, SIM_FAULT_NONE, 0, true},
};

static void finish(struct world *w, const char *name)
{
    send_courier(w, &cargo);
    expect_true(name, travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
}

static void a_call_that_ends_in_any_way_ends_in_the_same_image(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK + 100, 161);
    for (size_t i = 0; i < COUNT(oddities); i++) {
        for (uint32_t at = 1;; at++) {
            struct world *w =
                odd(oddities[i].mode, oddities[i].fault, at, oddities[i].late_ms);
            if (!oddities[i].whole) { /* broken after 5 s, until a reset */
                send_courier(w, &cargo);
                while (!w->flash.never && w->courier.state != FERRY_COURIER_DONE) {
                    world_step(w, w->now + MINUTE);
                }
                if (!w->flash.never) {
                    break;
                }
                assert_true(run_until(w, FERRY_DEVICE_BROKEN, MINUTE));
                world_power_cut(w);
            }
            finish(w, oddities[i].name);
            if (hit.seen < at) {
                break;
            }
        }
        expect_true(oddities[i].name, hit.seen >= 3 + 2 + 33);
    }
}

/* A courier comes, and the n-th call is made. False: there are not so many. */
static bool reaches(struct world *w, uint32_t at)
{
    send_courier(w, &cargo);
    while (hit.seen < at && !w->boot.state.committed) {
        world_step(w, w->now + MINUTE);
    }
    return hit.seen >= at;
}

/* Each call twice: cut while it is outstanding or between slices, and just before it is
 * told that it ended. */
static bool cut_in_call(size_t i, uint32_t at, bool at_the_end)
{
    struct world *w = odd(oddities[i].mode, oddities[i].fault, at, oddities[i].late_ms);

    sim_flash_seed(&w->flash, at);
    if (!reaches(w, at)) {
        return false;
    }
    uint32_t left = sim_flash_wait(&w->flash, w->now);
    if (at_the_end && left > 0 && left != UINT32_MAX) {
        world_run(w, left - 1);
    }
    world_power_cut(w);
    world_run(w, 2000);
    finish(w, oddities[i].name);
    return true;
}

static void a_cut_while_a_call_is_outstanding_ends_in_the_same_image(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK + 100, 162);
    for (size_t i = 0; i < COUNT(oddities); i++) {
        uint32_t at = 1;
        while (cut_in_call(i, at, false)) {
            (void)cut_in_call(i, at, true);
            at++;
        }
        expect_true(oddities[i].name, at > 3 + 2 + 33);
    }
}

/* ---- an abort while flash works --------------------------------------------------- */

/* The call goes on, its buffer is left alone, and what comes next waits for its end. */
static bool abort_in_call(enum sim_flash_mode mode, uint32_t at, bool cut)
{
    struct world *w = odd(mode, SIM_FAULT_NONE, at, 0);
    struct peer p;

    if (!reaches(w, at)) {
        return false;
    }
    world_disconnect(w);
    peer_init(&p, w, 5);
    peer_hello(&p);
    peer_abort(&p);
    if (cut) {
        world_power_cut(w);
    }
    world_run(w, 2000);
    assert_int_equal(w->flash.op, SIM_IDLE);
    finish(w, round_name("call", at));
    return true;
}

static void an_abort_while_flash_works_leaves_it_to_its_end(void **state)
{
    static const enum sim_flash_mode modes[] = {SIM_FLASH_ASYNC, SIM_FLASH_SLICED};

    (void)state;
    cargo_make(&cargo, NULL, BLOCK + 100, 163);
    for (size_t m = 0; m < COUNT(modes); m++) {
        uint32_t at = 1;
        while (abort_in_call(modes[m], at, false)) {
            (void)abort_in_call(modes[m], at, true);
            at++;
        }
        assert_true(at > 3 + 2 + 33);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_ends_in_any_way_ends_in_the_same_image),
        cmocka_unit_test(a_cut_while_a_call_is_outstanding_ends_in_the_same_image),
        cmocka_unit_test(an_abort_while_flash_works_leaves_it_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
