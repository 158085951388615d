/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that an image arrives byte for byte whatever its length and whatever the flash
 * under it, and that a length no image has is refused before any erase. */
#include "scene.h"

#include "frames.h"
#include "peer.h"

static struct cargo cargo;

/* Carry an image of `len` bytes over the world of these options. */
static struct world *carry(const struct world_options *o, uint32_t len)
{
    struct world *w = scene(o);

    cargo_make(&cargo, NULL, len, len);
    send_courier(w, &cargo);
    travel(w, &cargo, 10 * MINUTE);
    return w;
}

/* ---- lengths --------------------------------------------------------------------- */

static void carry_every_length(uint16_t chunk, enum sim_flash_mode mode)
{
    struct world_options o;
    uint32_t c = chunk;

    scene_options(&o);
    o.chunk = chunk;
    o.mode = mode;
    o.bank_len = 32U * 1024U;
    const uint32_t lengths[] = {4,
                                c - 4,
                                c,
                                c + 4,
                                BLOCK - 4,
                                BLOCK,
                                BLOCK + 4,
                                2 * BLOCK,
                                2 * BLOCK + 4,
                                o.bank_len - BLOCK - 4,
                                o.bank_len - o.header_len};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct world *w = carry(&o, lengths[i]);
        expect_true(round_name("length", lengths[i]),
                    w->courier.state == FERRY_COURIER_DONE);
        expect_arrived(w, &cargo);
        assert_int_equal(w->courier.counts.image_bytes_sent, lengths[i]);
        assert_int_equal(w->courier.counts.table_bytes_sent, cargo.table_len);
    }
}

static void an_image_of_any_length_arrives_in_chunks_of_128(void **state)
{
    (void)state;
    carry_every_length(128, SIM_FLASH_SYNC);
    carry_every_length(128, SIM_FLASH_ASYNC);
    carry_every_length(128, SIM_FLASH_SLICED);
}

static void an_image_of_any_length_arrives_in_chunks_of_256(void **state)
{
    (void)state;
    carry_every_length(256, SIM_FLASH_SYNC);
    carry_every_length(256, SIM_FLASH_ASYNC);
    carry_every_length(256, SIM_FLASH_SLICED);
}

/* 0, unaligned, over the bank, wrapping. The table and image that go with them do not
 * matter: nothing of them is ever asked for. */
static void
a_length_no_image_can_have_is_refused_before_any_flash_operation(void **state)
{
    static const uint32_t
        lengths[] =
            {
                0,          1,         2,          3,
                5,          BLOCK - 1, BLOCK + 1,  127,
                129,        255,       257, /* one less and one more than a chunk */
                61439,      61441,     0xFFFFFFFC, 0xFFFFFFFF,
                0x80000000, 61440 + 4, /* bank is 61440 */
                65536,      65536 + 4};
    struct release r;
    struct peer p;

    (void)state;
    release_default(&r);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct world *w = plain_scene();
        struct release_hashes hashes;
        struct ferry_manifest m;

        cargo_make(&cargo, NULL, 4, 1);
        release_manifest(&r, cargo.table, cargo.table_len, cargo.image, 4, &hashes, &m);
        m.length = lengths[i];
        cargo_resign(&cargo, &m, 0);

        peer_init(&p, w, 1);
        peer_hello(&p);
        peer_offer(&p, cargo.env, cargo.env_len);
        assert_int_equal(p.verdicts, 1);
        assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_REFUSE);
        expect_err(round_name("length", lengths[i]), -(int)p.verdict.u.verdict.code,
                   FERRY_E_SIZE);
        assert_int_equal(flash_ops(w), 0);

        send_courier(w, &cargo);
        world_finish(w, MINUTE);
        assert_int_equal(w->courier.state, FERRY_COURIER_REFUSED);
        expect_err(round_name("courier", lengths[i]), ferry_courier_error(&w->courier),
                   FERRY_E_SIZE);
        assert_int_equal(flash_ops(w), 0);
    }
}

/* More bytes behind the image than the manifest says: in the artifact they are never
 * read, from a peer they are not taken, and the bank stays erased there. */
static void bytes_behind_the_image_are_never_asked_for_and_never_taken(void **state)
{
    static const uint32_t lengths[] = {4, 128, 1000, BLOCK, BLOCK + 4, 2 * BLOCK + 100};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct peer p;
        struct world *w = plain_scene();
        cargo_make(&cargo, NULL, lengths[i], 20 + i);
        memset(cargo_edit(&cargo, cargo.image) + cargo.len, 0xE7, 300);
        cargo.artifact.len += 300;
        peer_init(&p, w, 1);
        peer_begin(&p, &cargo);
        peer_blocks(&p, &cargo, 0, peer_last_block(&p) - 1);
        uint32_t ops = flash_ops(w);
        uint32_t end = peer_last_block(&p) * 32U + (cargo.len - 1) % BLOCK / 128;
        for (uint32_t behind = 1; behind < 40; behind++) {
            struct ferry_msg m = {.type = FERRY_MSG_CHUNK};
            m.u.chunk.index = end + behind;
            m.rest = cargo.image;
            m.rest_len = 128;
            peer_say(&p, &m);
            m.u.chunk.index = end; /* and the last one, longer than it is */
            if ((cargo.len - 1) % 128 != 127) {
                peer_say(&p, &m);
            }
        }
        assert_int_equal(flash_ops(w), ops);
        ferry_device_link(&w->device, false, w->now);
        send_courier(w, &cargo);
        expect_true(round_name("length", lengths[i]), travel(w, &cargo, MINUTE));
        expect_arrived(w, &cargo);
        assert_int_equal(w->reads_past_end, 0);
        uint32_t at = w->map.bank[1].addr + w->map.header_len + cargo.len;
        for (; at % w->opt.erase_unit != 0; at++) {
            expect_true(round_name("length", lengths[i]), w->flash.bytes[at] == 0xFF);
        }
    }
}

/* ---- geometries ------------------------------------------------------------------ */

static void carry_over(uint32_t erase_unit, uint8_t write_unit, uint8_t erased,
                       enum sim_flash_mode mode)
{
    struct world_options o;

    scene_options(&o);
    o.erase_unit = erase_unit;
    o.write_unit = write_unit;
    o.erased = erased;
    o.mode = mode;
    o.header_len = erase_unit < 1024 ? 1024 : erase_unit;
    o.bank_len = o.header_len + (erase_unit > 24576 ? erase_unit : 24576);
    struct world *w = carry(&o, 5 * BLOCK + 20);
    expect_true(round_name("erase unit", erase_unit),
                w->courier.state == FERRY_COURIER_DONE);
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len);
}

static void every_geometry(enum sim_flash_mode mode)
{
    static const uint32_t erase_units[] = {512, 1024, 4096, 8192, 65536};
    static const uint8_t write_units[] = {1, 2, 4, 8, 16, 32};

    for (size_t i = 0; i < COUNT(erase_units); i++) {
        for (size_t k = 0; k < COUNT(write_units); k++) {
            carry_over(erase_units[i], write_units[k], 0xFF, mode);
            carry_over(erase_units[i], write_units[k], 0x00, mode);
        }
    }
}

static void any_erase_and_write_unit_will_do_on_flash_that_answers_at_once(void **state)
{
    (void)state;
    every_geometry(SIM_FLASH_SYNC);
}

static void any_erase_and_write_unit_will_do_on_flash_that_answers_later(void **state)
{
    (void)state;
    every_geometry(SIM_FLASH_ASYNC);
}

static void any_erase_and_write_unit_will_do_on_flash_erased_in_slices(void **state)
{
    (void)state;
    every_geometry(SIM_FLASH_SLICED);
}

/* The largest unit hal.h allows, and an image that needs one of it. */
static void an_erase_unit_of_128_kib_will_do_for_a_small_image(void **state)
{
    (void)state;
    carry_over(131072, 4, 0xFF, SIM_FLASH_SYNC);
}

/* ---- acks and pools -------------------------------------------------------------- */

static void with_ack_every_1_each_chunk_has_an_ack_of_its_own(void **state)
{
    struct world_options o;
    struct frames f;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, 3 * BLOCK, 7);
    for (uint8_t every = 0; every <= 1; every++) {
        o.ack_every = every;
        struct world *w = scene(&o);
        frames_between(w, &f, NULL, NULL);
        send_courier(w, &cargo);
        assert_true(travel(w, &cargo, 10 * MINUTE));
        expect_arrived(w, &cargo);
        uint32_t chunks = f.passed[TO_DEVICE][FERRY_MSG_CHUNK];
        assert_int_equal(chunks, 3 * 32 + 1);
        if (every == 1) {
            assert_true(f.passed[TO_COURIER][FERRY_MSG_ACK & 0x0F] >= chunks);
        } else {
            assert_true(f.passed[TO_COURIER][FERRY_MSG_ACK & 0x0F] < chunks);
        }
    }
}

static void any_pool_from_3_to_60_chunks_will_do(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    for (uint16_t chunks = 3; chunks <= 60; chunks = (uint16_t)(chunks + 3)) {
        o.pool_chunks = chunks;
        struct world *w = carry(&o, 3 * BLOCK + 4);
        expect_arrived(w, &cargo);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_behind_the_image_are_never_asked_for_and_never_taken),
        cmocka_unit_test(an_image_of_any_length_arrives_in_chunks_of_128),
        cmocka_unit_test(an_image_of_any_length_arrives_in_chunks_of_256),
        cmocka_unit_test(
            a_length_no_image_can_have_is_refused_before_any_flash_operation),
        cmocka_unit_test(
            any_erase_and_write_unit_will_do_on_flash_that_answers_at_once),
        cmocka_unit_test(any_erase_and_write_unit_will_do_on_flash_that_answers_later),
        cmocka_unit_test(any_erase_and_write_unit_will_do_on_flash_erased_in_slices),
        cmocka_unit_test(an_erase_unit_of_128_kib_will_do_for_a_small_image),
        cmocka_unit_test(with_ack_every_1_each_chunk_has_an_ack_of_its_own),
        cmocka_unit_test(any_pool_from_3_to_60_chunks_will_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
