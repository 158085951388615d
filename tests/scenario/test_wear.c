/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a hostile courier may cost: it has genuine envelopes and nothing genuine to
 * go with them. Erases are counted and bounded, and the device stays useful. */
#include "scene.h"

#include "peer.h"

static struct cargo cargo, other;

/* Erases a day may cost: the budget, and again after pauses of 1, 2, 4 and 8 h. */
static uint32_t day_of_wear(uint32_t blocks)
{
    return 5 * (2 * (blocks + 1) + 16);
}

/* A phone that comes back every half hour for a day, or until the bound is broken. */
static void keep_at_it(struct world *w, uint32_t bound)
{
    send_courier(w, &cargo);
    for (unsigned i = 0; i < 48 && w->flash.erases <= bound; i++) {
        world_run(w, HOUR / 2);
        world_disconnect(w);
        world_connect(w);
    }
}

/* Envelope and table are right, the image is another's: a phone that keeps at it. */
static void an_image_that_never_fits_wears_flash_a_bounded_number_of_times(void **state)
{
    (void)state;
    for (uint32_t blocks = 1; blocks < 8; blocks++) {
        cargo_make(&cargo, NULL, blocks * BLOCK, 65);
        cargo_make(&other, NULL, blocks * BLOCK, 66);
        memcpy(cargo_edit(&cargo, cargo.image), other.image, other.len);
        struct world *w = plain_scene();
        keep_at_it(w, day_of_wear(blocks));
        expect_true(round_name("blocks", blocks),
                    w->flash.erases <= day_of_wear(blocks));
        expect_no_commit(w);
    }
}

static void a_table_that_never_fits_wears_flash_a_bounded_number_of_times(void **state)
{
    (void)state;
    for (uint32_t blocks = 1; blocks < 8; blocks++) {
        cargo_make(&cargo, NULL, blocks * BLOCK, 67);
        *cargo_edit(&cargo, cargo.table) ^= 1;
        struct world *w = plain_scene();
        keep_at_it(w, day_of_wear(blocks));
        expect_true(round_name("blocks", blocks),
                    w->flash.erases <= day_of_wear(blocks));
        expect_no_commit(w);
    }
}

/* Each try refills the last block, and the journal will not take the record. */
static void
a_commit_that_is_always_refused_wears_flash_a_bounded_number_of_times(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 72);
    struct world *w = plain_scene();
    w->boot.result = -1;
    keep_at_it(w, day_of_wear(3));
    assert_in_range(w->flash.erases, 1, day_of_wear(3));
    assert_int_equal(w->events.committed, 0);
}

/* Offer after offer of the manifest under way, with and without goodbye. */
static void offering_the_same_again_and_again_erases_once(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 68);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    for (unsigned i = 0; i < 1000; i++) {
        peer_begin(&p, &cargo);
        if (i % 3 == 0) {
            peer_abort(&p);
        } else if (i % 3 == 1) {
            ferry_device_link(&w->device, false, w->now);
            peer_init(&p, w, (uint8_t)(i % 100));
        }
        world_run(w, 100);
    }
    assert_int_equal(w->flash.erases, 1);
    assert_int_equal(w->flash.writes, 1);
    assert_int_equal(w->sodium.verifies, 1);
}

/* Before any accepted signature: whatever is said, as often as can be. */
static void a_stranger_causes_no_flash_operation_at_all(void **state)
{
    uint8_t bytes[300];
    uint64_t rng = 71;
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 71);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    for (unsigned i = 0; i < 20000; i++) {
        struct ferry_msg m = {.type = FERRY_MSG_CHUNK};
        switch (rng_below(&rng, 6)) {
        case 0:
            peer_hello(&p);
            break;
        case 1: { /* an envelope with one byte of it wrong */
            size_t at = rng_below(&rng, (uint32_t)cargo.env_len);
            cargo_edit(&cargo, cargo.env)[at] ^= 0x10;
            peer_offer(&p, cargo.env, cargo.env_len);
            cargo_edit(&cargo, cargo.env)[at] ^= 0x10;
            break;
        }
        case 2:
            peer_status(&p);
            break;
        case 3:
            m.u.chunk.index = rng_below(&rng, 1000);
            m.rest = cargo.image;
            m.rest_len = 128;
            peer_say(&p, &m);
            break;
        case 4:
            peer_abort(&p);
            break;
        default:
            for (size_t k = 0; k < sizeof bytes; k++) {
                bytes[k] = (uint8_t)rng_next(&rng);
            }
            peer_bytes(&p, bytes, 1 + rng_below(&rng, sizeof bytes));
        }
        world_run(w, rng_below(&rng, 200));
        assert_int_equal(flash_ops(w), 0);
        assert_true(w->sodium.verifies <= w->now / 1000 + 1);
    }
    assert_true(w->sodium.verifies > 10);
    world_run(w, 70000); /* the longest pause after bad signatures */
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_image_that_never_fits_wears_flash_a_bounded_number_of_times),
        cmocka_unit_test(a_table_that_never_fits_wears_flash_a_bounded_number_of_times),
        cmocka_unit_test(
            a_commit_that_is_always_refused_wears_flash_a_bounded_number_of_times),
        cmocka_unit_test(offering_the_same_again_and_again_erases_once),
        cmocka_unit_test(a_stranger_causes_no_flash_operation_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
