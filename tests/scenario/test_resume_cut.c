/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a dead battery costs: cut at every flash operation, at every connection
 * event, at every step from the last chunk to the reboot. The image is the same, and no
 * more is sent again than the two blocks in work. */
#include "scene.h"

#include "frames.h"
#include "peer.h"
#include "window.h"

static struct cargo cargo;

/* Image bytes sent beyond the image: at most two blocks (the one in work, and the last
 * good one, which is filled again) or erase units where those are larger, and what was
 * in the air; one more block where a hole had kept the base behind. */
static void expect_cost_with(unsigned holes, const char *name, uint32_t n,
                             const struct world *w, uint32_t sent)
{
    uint32_t unit = w->opt.erase_unit > BLOCK ? w->opt.erase_unit : BLOCK;
    uint32_t bound = (2 + holes) * unit + w->opt.pool_chunks * w->opt.chunk;

    if (sent > cargo.len + bound) {
        print_error("%s: %u bytes again, %u allowed\n", round_name(name, n),
                    (unsigned)(sent - cargo.len), (unsigned)bound);
    }
    expect_true(round_name(name, n), sent <= cargo.len + bound);
}

static void expect_cost(const char *name, uint32_t n, const struct world *w,
                        uint32_t sent)
{
    expect_cost_with(0, name, n, w, sent);
}

static void go_on(struct world *w, const char *name, uint32_t n)
{
    world_run(w, 1000);
    world_connect(w);
    expect_true(round_name(name, n), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    expect_cost(name, n, w, w->courier.counts.image_bytes_sent);
}

/* ---- at every flash operation ---------------------------------------------------- */

/* Cut while the n-th flash operation is under way (`inside`: half of it is done), or
 * just after it. False: there was none. */
static bool cut_at(const struct world_options *o, uint32_t n, bool inside)
{
    struct world *w = scene(o);

    send_courier(w, &cargo);
    while (flash_ops(w) < n ||
           (inside ? w->flash.op == SIM_IDLE : w->flash.op != SIM_IDLE)) {
        if (w->courier.state == FERRY_COURIER_DONE) {
            return false;
        }
        world_step(w, w->now + MINUTE);
    }
    world_power_cut(w);
    go_on(w, inside ? "cut in operation" : "cut after operation", n);
    return true;
}

static uint32_t cut_everywhere(const struct world_options *o)
{
    uint32_t n = 1;

    while (cut_at(o, n, true)) {
        cut_at(o, n, false);
        n++;
    }
    return n - 1;
}

static void a_cut_in_or_after_any_flash_operation_costs_at_most_two_blocks(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    o.mode = SIM_FLASH_ASYNC;
    cargo_make(&cargo, NULL, 3 * BLOCK + 100, 41);
    /* 5 erases, the envelope, the table, 97 chunks */
    assert_int_equal(cut_everywhere(&o), 5 + 2 + 97);
}

static void the_same_holds_for_small_erase_units_and_long_words(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    o.mode = SIM_FLASH_ASYNC;
    o.erase_unit = 512;
    o.write_unit = 32;
    o.erased = 0;
    o.header_len = 1024;
    cargo_make(&cargo, NULL, 2 * BLOCK + 100, 42);
    assert_int_equal(cut_everywhere(&o), 2 + 17 + 2 + 65);
}

static void a_cut_costs_at_most_two_erase_units_where_they_are_larger(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    o.mode = SIM_FLASH_ASYNC;
    o.erase_unit = 8192;
    o.header_len = 8192;
    cargo_make(&cargo, NULL, 5 * BLOCK, 43);
    cut_everywhere(&o);
    o.erase_unit = 16384;
    o.header_len = 16384;
    cut_everywhere(&o);
}

/* One chunk of a block is late while the whole next block arrives; then the battery
 * dies. */
static void lose_one_for_long(struct frames *f, struct world *w, struct frame *frame)
{
    (void)f;
    (void)w;
    frame->drop = is_chunk(frame) && frame->msg.u.chunk.index == 2 * 32;
}

static void a_cut_with_a_hole_in_the_block_costs_one_block_more(void **state)
{
    static struct frames between;

    (void)state;
    struct world *w = plain_scene();
    cargo_make(&cargo, NULL, 6 * BLOCK, 44);
    frames_between(w, &between, lose_one_for_long, NULL);
    send_courier(w, &cargo);
    while (w->device.window.bits[1] != UINT32_MAX) {
        world_step(w, w->now + MINUTE);
    }
    w->middle = NULL;
    uint32_t sent = w->courier.counts.bytes_repeated; /* the hole, over and over */
    world_power_cut(w);
    world_run(w, 1000);
    world_connect(w);
    assert_true(travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    expect_cost_with(1, "hole", 0, w, w->courier.counts.image_bytes_sent - sent);
}

/* ---- at every event -------------------------------------------------------------- */

static bool cut_after(const struct world_options *o, unsigned n, unsigned times)
{
    struct world *w = scene(o);
    unsigned cuts = 0;

    send_courier(w, &cargo);
    while (cuts < times) {
        run_events(w, n);
        if (w->courier.state == FERRY_COURIER_DONE ||
            w->device.state == FERRY_DEVICE_COMMITTED) {
            break;
        }
        world_power_cut(w);
        cuts++;
        world_run(w, 1000);
        world_connect(w);
    }
    expect_true(round_name("cut after event", n), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    if (cuts == 1) {
        expect_cost("cut after event", n, w, w->courier.counts.image_bytes_sent);
    }
    return cuts == times;
}

static void a_cut_at_any_event_up_to_five_times_ends_in_the_same_image(void **state)
{
    struct world_options o;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 45);
    for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_SLICED; mode++) {
        scene_options(&o);
        o.mode = (enum sim_flash_mode)mode;
        for (unsigned times = 1; times <= 5; times++) {
            unsigned n = 8;
            while (cut_after(&o, n, times)) {
                n++;
            }
            assert_true(n > 9);
        }
    }
}

/* ---- at every step of the end ---------------------------------------------------- */

/* From the last chunk on, one tick at a time: verify, hash, gate, commit. */
static void
a_cut_at_any_step_from_the_last_chunk_to_the_reboot_is_survived(void **state)
{
    bool seen[FERRY_DEVICE_STATES] = {false};

    (void)state;
    cargo_make(&cargo, NULL, 4 * BLOCK, 46);
    for (unsigned steps = 0;; steps++) {
        struct peer p;
        struct world *w = plain_scene();
        peer_init(&p, w, 1);
        peer_begin(&p, &cargo);
        peer_blocks(&p, &cargo, 0, 3);
        for (uint32_t i = 0; i < 31; i++) {
            peer_chunk(&p, &cargo, 4 * 32 + i);
        }
        p.slow = true;
        peer_chunk(&p, &cargo, 4 * 32 + 31);
        for (unsigned i = 0; i < steps; i++) {
            ferry_device_tick(&w->device, w->now);
        }
        seen[w->device.state] = true;
        bool committed = w->boot.state.committed;
        bool over = w->device.state == FERRY_DEVICE_COMMITTED;
        world_power_cut(w);
        assert_int_equal(w->boot.state.committed, committed);
        w->reboot_wanted = committed; /* whoever drained it charges it, and it boots */
        send_courier(w, &cargo);
        expect_true(round_name("step", steps), travel(w, &cargo, HOUR));
        expect_true(round_name("step", steps),
                    world_bank_holds(w, 1, cargo.image, cargo.len));
        assert_int_equal(w->boot.requests, 1);
        if (over) {
            break;
        }
        assert_true(w->courier.counts.image_bytes_sent <= 2 * BLOCK);
    }
    assert_true(seen[FERRY_DEVICE_RECEIVING] && seen[FERRY_DEVICE_HASHING] &&
                seen[FERRY_DEVICE_GATING] && seen[FERRY_DEVICE_COMMITTING]);
}

/* The commit record is asked for, and the supply goes before the answer. */
static void
a_cut_while_the_commit_is_pending_leaves_the_old_or_the_new_image(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 47);
    for (unsigned written = 0; written <= 1; written++) {
        struct world *w = plain_scene();
        w->boot.pending = true;
        send_courier(w, &cargo);
        while (w->device.state != FERRY_DEVICE_COMMITTING) {
            world_step(w, w->now + MINUTE);
        }
        w->boot.owed = false; /* the answer never comes */
        w->boot.state.committed = written == 1;
        world_power_cut(w);
        w->boot.pending = false;
        w->reboot_wanted = written == 1;
        world_run(w, 1000);
        world_connect(w);
        assert_true(travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
        assert_int_equal(w->boot.requests, 2 - written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_cut_in_or_after_any_flash_operation_costs_at_most_two_blocks),
        cmocka_unit_test(the_same_holds_for_small_erase_units_and_long_words),
        cmocka_unit_test(a_cut_costs_at_most_two_erase_units_where_they_are_larger),
        cmocka_unit_test(a_cut_with_a_hole_in_the_block_costs_one_block_more),
        cmocka_unit_test(a_cut_at_any_event_up_to_five_times_ends_in_the_same_image),
        cmocka_unit_test(
            a_cut_at_any_step_from_the_last_chunk_to_the_reboot_is_survived),
        cmocka_unit_test(
            a_cut_while_the_commit_is_pending_leaves_the_old_or_the_new_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
