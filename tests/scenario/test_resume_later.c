/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests who may go on with a half-filled bank: another phone weeks later, the same
 * manifest and no other; and that what went bad meanwhile is found. */
#include "scene.h"

#include "window.h"

static struct cargo cargo, newer;

/* Carry until `base` blocks (the table among them) are verified. */
static struct world *half_way(const struct world_options *o, uint16_t base)
{
    struct world *w = scene(o);

    send_courier(w, &cargo);
    while (w->device.window.base < base) {
        world_step(w, w->now + MINUTE);
    }
    return w;
}

static struct world *half_way_there(uint16_t base)
{
    struct world_options o;

    scene_options(&o);
    return half_way(&o, base);
}

/* Run until the courier has its verdict; the base it was told. */
static uint16_t told_base(struct world *w)
{
    while (w->courier.state != FERRY_COURIER_SEND) {
        world_step(w, w->now + MINUTE);
    }
    return w->courier.sender.window.base;
}

/* ---- another phone --------------------------------------------------------------- */

static void another_phone_with_another_mtu_goes_on_three_weeks_later(void **state)
{
    static const uint16_t mtus[] = {23, 100, 185, 247};

    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK + 40, 51);
    for (uint16_t base = 2; base <= 6; base++) {
        struct world *w = half_way_there(base);
        world_power_cut(w);
        w->now += 21 * DAY;
        w->link.mtu = mtus[base % COUNT(mtus)];
        w->link.interval_ms = 30;
        send_courier(w, &cargo);
        expect_true(round_name("base", base), travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
        uint32_t verified = (base - 1U) * BLOCK;
        expect_true(round_name("base", base),
                    w->courier.counts.image_bytes_sent <= cargo.len - verified + BLOCK);
        assert_int_equal(w->courier.counts.table_bytes_sent, 0);
        assert_int_equal(w->events.begin, 1);
        assert_int_equal(w->events.resume, 1);
    }
}

/* A link that was down for long, and a clock that wrapped meanwhile: RAM still knows. */
static void a_session_that_slept_across_the_wrap_of_the_clock_goes_on(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 52);
    struct world *w = half_way_there(4);
    uint32_t sent = w->courier.counts.image_bytes_sent;
    world_disconnect(w);
    w->now = UINT32_MAX - 100;
    world_connect(w);
    assert_true(travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    assert_true(w->courier.counts.image_bytes_sent >= sent);
    assert_true(w->courier.counts.image_bytes_sent <=
                cargo.len + w->opt.pool_chunks * 128U);
}

/* Phones of every kind take turns, each with the battery dying in between. */
static void ten_phones_carry_one_image_between_them(void **state)
{
    struct world_options o;
    uint32_t total = 0;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, 11 * BLOCK, 53);
    struct world *w = scene(&o);
    for (uint16_t i = 1; i <= 10; i++) {
        w->link.mtu = (uint16_t)(23 + 22 * i);
        send_courier(w, &cargo);
        while (w->device.window.base <= i) {
            world_step(w, w->now + MINUTE);
        }
        total += w->courier.counts.image_bytes_sent;
        world_power_cut(w);
        world_run(w, HOUR);
    }
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    total += w->courier.counts.image_bytes_sent;
    assert_true(total <= cargo.len + 10 * 2 * BLOCK);
}

/* ---- another manifest ------------------------------------------------------------ */

static void make_newer(uint32_t version, uint32_t len)
{
    struct release r;

    release_default(&r);
    r.version = version;
    cargo_make(&newer, &r, len, version);
}

static void a_newer_manifest_starts_clean_even_over_the_same_bank(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 5 * BLOCK, 54);
    make_newer(0x01020000, 4 * BLOCK + 4);
    for (unsigned cut = 0; cut <= 1; cut++) {
        struct world *w = half_way_there(4);
        if (cut) {
            world_power_cut(w);
        } else {
            world_disconnect(w);
        }
        world_run(w, 2000); /* a signature check a second */
        send_courier(w, &newer);
        assert_int_equal(told_base(w), 0);
        assert_true(travel(w, &newer, HOUR));
        expect_arrived(w, &newer);
        assert_int_equal(w->courier.counts.image_bytes_sent, newer.len);
        assert_int_equal(w->events.begin, 2);
    }
}

/* The same image bytes under another envelope are another transfer. */
static void the_same_image_under_another_envelope_starts_clean(void **state)
{
    struct release r;

    (void)state;
    release_default(&r);
    cargo_make(&cargo, &r, 3 * BLOCK, 55);
    r.sec_ctr++;
    cargo_make(&newer, &r, 3 * BLOCK, 55);
    assert_memory_equal(cargo.image, newer.image, cargo.len);
    struct world *w = half_way_there(3);
    world_power_cut(w);
    send_courier(w, &newer);
    assert_int_equal(told_base(w), 0);
    assert_true(travel(w, &newer, HOUR));
    expect_arrived(w, &newer);
}

/* It does not push out one that is alive and no older; after the battery died, it may. */
static void an_older_manifest_waits_for_the_one_under_way(void **state)
{
    (void)state;
    make_newer(0x01020000, 5 * BLOCK);
    struct cargo *first = &newer;
    cargo_make(&cargo, NULL, 5 * BLOCK, 56);
    struct world *w = plain_scene();
    send_courier(w, first);
    while (w->device.window.base < 3) {
        world_step(w, w->now + MINUTE);
    }
    world_disconnect(w);
    world_run(w, 2000);
    uint32_t ops = flash_ops(w);
    send_courier(w, &cargo);
    world_run(w, 5000);
    assert_int_equal(w->courier.state, FERRY_COURIER_LATER);
    struct ferry_courier_progress progress;
    ferry_courier_progress(&w->courier, &progress);
    assert_int_equal(progress.later.why, FERRY_LATER_PENDING);
    assert_in_range(progress.later.seconds, 86000, 86400);
    assert_int_equal(flash_ops(w), ops);

    world_disconnect(w);
    world_run(w, 2000);
    send_courier(w, first);
    assert_true(told_base(w) >= 3);
    assert_true(travel(w, first, HOUR));
    expect_arrived(w, first);
}

/* ---- what flash holds ------------------------------------------------------------ */

/* The operation in flight at the cut may have left bits that read right now and wrong
 * later: the last block that matches, be it the table, is written again. */
static void the_last_matching_block_is_refilled(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 57);
    for (uint16_t base = 1; base <= 6; base++) {
        struct world *w = half_way_there(base);
        uint16_t was = w->device.window.base;
        world_power_cut(w);
        world_connect(w);
        expect_true(round_name("base", base), told_base(w) == was - 1);
        assert_true(travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
    }
}

/* One bit of a verified block, or of the table, turns over while the power is off. */
static void a_finished_block_gone_bad_is_found_at_resume(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 58);
    for (uint16_t bad = 0; bad < 5; bad++) {
        struct world *w = half_way_there(5);
        uint32_t at = w->map.bank[1].addr;
        at += bad == 0 ? FERRY_TABLE_OFF + 20 : 4096 + (bad - 1U) * BLOCK + 1234;
        world_power_cut(w);
        w->flash.bytes[at] ^= 0x10;
        world_connect(w);
        uint16_t base = told_base(w);
        /* The block before the bad one is the last that matches. */
        expect_true(round_name("bad", bad), base == (bad > 0 ? bad - 1 : 0));
        expect_true(round_name("bad", bad), travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
        assert_int_equal(w->device.counts.transfer_errors, 0);
    }
}

/* While RAM lives nobody looks again, until the whole image is hashed: it is thrown away
 * and fetched once more. */
static void
a_verified_block_gone_bad_before_the_end_is_found_by_the_image_hash(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 59);
    struct world *w = half_way_there(5);
    w->flash.bytes[w->map.bank[1].addr + 4096 + BLOCK + 77] ^= 0x01;
    run_until_parked(w);
    expect_err("rot", ferry_courier_error(&w->courier), FERRY_E_HASH);
    assert_int_equal(w->events.transfer, 1);
    assert_int_equal(w->device.counts.transfer_errors, 1);
    assert_int_equal(w->device.counts.security_events, 0);
    expect_no_commit(w);
    assert_true(travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.image_bytes_sent, 2 * cargo.len);
}

/* Flash that was never ours: a stored envelope is only as good as its signature, and an
 * old image behind it counts for nothing. */
static void a_bank_full_of_something_else_is_cleared(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 60);
    for (unsigned fill = 0; fill < 3; fill++) {
        struct world *w = plain_scene();
        uint64_t rng = fill + 1;
        uint8_t *bank = w->flash.bytes + w->map.bank[1].addr;
        for (uint32_t i = 0; i < w->map.bank[1].len; i++) {
            bank[i] = fill == 0 ? 0x00 : fill == 1 ? 0xFF : (uint8_t)rng_next(&rng);
        }
        if (fill == 2) { /* the right header before the wrong image: refilled, too */
            memcpy(bank, cargo.env, cargo.env_len);
            memcpy(bank + FERRY_TABLE_OFF, cargo.table, cargo.table_len);
        }
        send_courier(w, &cargo);
        assert_int_equal(told_base(w), 0);
        assert_true(travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
        assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_phone_with_another_mtu_goes_on_three_weeks_later),
        cmocka_unit_test(a_session_that_slept_across_the_wrap_of_the_clock_goes_on),
        cmocka_unit_test(ten_phones_carry_one_image_between_them),
        cmocka_unit_test(a_newer_manifest_starts_clean_even_over_the_same_bank),
        cmocka_unit_test(the_same_image_under_another_envelope_starts_clean),
        cmocka_unit_test(an_older_manifest_waits_for_the_one_under_way),
        cmocka_unit_test(the_last_matching_block_is_refilled),
        cmocka_unit_test(a_finished_block_gone_bad_is_found_at_resume),
        cmocka_unit_test(
            a_verified_block_gone_bad_before_the_end_is_found_by_the_image_hash),
        cmocka_unit_test(a_bank_full_of_something_else_is_cleared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
