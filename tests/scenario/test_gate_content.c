/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests content that is not what was signed: forged chunks with perfect CRCs, tables and
 * images of something else, bytes changed between check and use. */
#include "scene.h"

#include "frames.h"
#include "window.h"

static struct cargo cargo, other;
static struct frames between;

/* ---- forged chunks --------------------------------------------------------------- */

struct forger {
    uint32_t index; /* its first copy is forged */
    bool done;
    uint32_t sent[16]; /* chunks that passed, by block of the transfer */
};

static void forge(struct frames *f, struct world *w, struct frame *frame)
{
    struct forger *g = f->ctx;

    if (!is_chunk(frame)) {
        return;
    }
    uint32_t index = frame->msg.u.chunk.index;
    g->sent[index / (BLOCK / w->opt.chunk)]++;
    if (index == g->index && !g->done) {
        g->done = true;
        frame->body[4 + frame->msg.rest_len / 2] ^= 0x80;
        frame_forge(frame, w->device.tag);
    }
}

/* One forged chunk. Its block is refused and fetched again, with its erase unit; of the
 * block behind, what came before the check. */
static void forge_one(const struct world_options *o, uint32_t block, uint32_t place)
{
    struct forger g = {.index = block * (BLOCK / o->chunk) + place};
    struct world *w = scene(o);
    const char *name = round_name("forged", g.index);

    frames_between(w, &between, forge, &g);
    send_courier(w, &cargo);
    expect_true(name, travel_forged(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    expect_true(name, g.done);
    expect_true(name, w->events.transfer == 1);
    expect_true(name, w->device.counts.transfer_errors == 1);
    expect_true(name, w->device.counts.security_events == 0);
    expect_true(name, w->courier.counts.epochs == 1);
    expect_true(name, w->courier.counts.parks == 0);

    const struct ferry_shape s = {(uint16_t)o->chunk, (uint16_t)cargo.table_len,
                                  cargo.len};
    uint32_t per_unit = o->erase_unit > BLOCK ? o->erase_unit / BLOCK : 1;
    uint32_t first = block == 0 ? 0 : block - (block - 1) % per_unit;
    for (uint32_t b = 0; b < ferry_shape_blocks(&s); b++) {
        uint32_t chunks = ferry_shape_chunks(&s, b);
        if (b >= first && b <= block) {
            expect_true(name, g.sent[b] == 2 * chunks);
        } else if (b == block + 1) {
            expect_true(name, g.sent[b] >= chunks);
            expect_true(name, g.sent[b] <= chunks + o->pool_chunks);
        } else {
            expect_true(name, g.sent[b] == chunks);
        }
    }
}

static void a_forged_chunk_costs_its_block_and_nothing_else(void **state)
{
    struct world_options o;

    (void)state;
    cargo_make(&cargo, NULL, 5 * BLOCK + 300, 61);
    scene_options(&o);
    for (uint32_t unit = 512; unit <= 16384; unit *= 2) {
        o.erase_unit = unit;
        o.header_len = unit > 4096 ? unit : 4096;
        forge_one(&o, 0, 0);
        for (uint32_t block = 1; block <= 5; block++) {
            forge_one(&o, block, 0);
            forge_one(&o, block, 17);
            forge_one(&o, block, 31);
        }
        forge_one(&o, 6, 2);
    }
}

static void no_forged_bit_of_any_chunk_survives_in_an_image(void **state)
{
    struct world_options o;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 62);
    scene_options(&o);
    o.chunk = 256;
    for (uint32_t place = 0; place < 16; place++) {
        forge_one(&o, 1, place);
        forge_one(&o, 2, place);
    }
}

/* ---- whole parts of something else ----------------------------------------------- */

/* Watch for what must never happen: an operation behind the header. */
static bool image_area_touched(const struct world *w)
{
    uint32_t at = w->map.bank[1].addr + w->map.header_len;
    uint32_t end = w->map.bank[1].addr + w->map.bank[1].len;
    uint8_t never_erased = (uint8_t)~w->flash.erased;

    for (; at < end; at++) {
        if (w->flash.bytes[at] != never_erased) {
            return true;
        }
    }
    return false;
}

static int run_to_first_park(struct world *w)
{
    uint32_t until = w->now + HOUR;

    while (w->now != until && w->courier.state != FERRY_COURIER_PARKED &&
           w->courier.state != FERRY_COURIER_REFUSED &&
           w->courier.state != FERRY_COURIER_DONE) {
        world_step(w, until);
    }
    return ferry_courier_error(&w->courier);
}

/* Envelope A before table and image of B. */
static void a_block_table_of_another_image_never_gets_an_image_page_erased(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 63);
    cargo_make(&other, NULL, 3 * BLOCK, 64);
    memcpy(cargo_edit(&cargo, cargo.table), other.table, other.table_len + other.len);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    expect_err("table", run_to_first_park(w), FERRY_E_BLOCKS);
    assert_int_equal(w->events.transfer, 3);
    assert_int_equal(w->flash.erases, 3);
    assert_int_equal(w->courier.counts.image_bytes_sent, 0);
    /* It tries again now and then; that costs header erases, and not many. */
    world_run(w, 10 * MINUTE);
    assert_false(image_area_touched(w));
    assert_in_range(w->flash.erases, 3, 2 * 4 + 16);
    expect_no_commit(w);
    assert_int_equal(w->device.counts.security_events, 0);
}

/* Table A is right, so the first block of B is found out. */
static void
the_image_of_one_manifest_under_another_is_refused_at_its_first_block(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 65);
    cargo_make(&other, NULL, 3 * BLOCK, 66);
    memcpy(cargo_edit(&cargo, cargo.image), other.image, other.len);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    expect_err("image", run_to_first_park(w), FERRY_E_BLOCK);
    assert_int_equal(w->events.transfer, 3);
    assert_int_equal(w->events.block, 1);
    world_run(w, 10 * MINUTE);
    expect_no_commit(w);
}

struct splicer {
    uint32_t block; /* of the transfer; its chunks are the other image's */
    bool whole;     /* all of them, or one in three */
    uint32_t forged;
};

static void splice(struct frames *f, struct world *w, struct frame *frame)
{
    struct splicer *s = f->ctx;
    uint32_t per = BLOCK / w->opt.chunk;

    if (!is_chunk(frame) || frame->msg.u.chunk.index / per != s->block ||
        (!s->whole && frame->msg.u.chunk.index % 3 != 1)) {
        return;
    }
    memcpy(frame->body + 4,
           cargo_chunk(&other, &w->device.window.shape, frame->msg.u.chunk.index),
           frame->msg.rest_len);
    frame_forge(frame, w->device.tag);
    s->forged++;
}

/* Both images are genuine, for this device, of one key: yet not a chunk of one gets into
 * the other, in whatever block. */
static void chunks_of_another_genuine_image_spliced_in_are_refused(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 500, 73);
    cargo_make(&other, NULL, 3 * BLOCK + 500, 74);
    for (uint32_t block = 0; block <= 4; block++) {
        for (unsigned whole = 0; whole < 2; whole++) {
            struct splicer s = {.block = block, .whole = whole};
            s.whole |= block == 0; /* a table of one chunk */
            struct world *w = plain_scene();
            frames_between(w, &between, splice, &s);
            send_courier(w, &cargo);
            int err = run_to_first_park(w);
            expect_err(round_name("block", block), err,
                       block == 0 ? FERRY_E_BLOCKS : FERRY_E_BLOCK);
            expect_true(round_name("block", block), s.forged > 0);
            expect_true(round_name("block", block), w->device.window.base <= block);
            expect_no_commit(w);
            w->middle = NULL; /* the thief is gone */
            expect_true(round_name("block", block), travel(w, &cargo, HOUR));
            expect_arrived(w, &cargo);
        }
    }
}

/* A signed manifest that contradicts itself: the table fits the image, the image hash is
 * another's. Twice the device believes in a transfer error, then in the manifest. */
static void a_second_mismatch_of_the_whole_image_refuses_the_manifest(void **state)
{
    struct release r;
    struct release_hashes hashes;
    struct ferry_manifest m;

    (void)state;
    release_default(&r);
    cargo_make(&cargo, NULL, 2 * BLOCK, 67);
    release_manifest(&r, cargo.table, cargo.table_len, cargo.image, cargo.len, &hashes,
                     &m);
    hashes.image[31] ^= 1;
    cargo_resign(&cargo, &m, 0);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    expect_err("first", run_to_first_park(w), FERRY_E_HASH);
    assert_int_equal(w->courier.state, FERRY_COURIER_PARKED);
    assert_false(travel(w, &cargo, HOUR));
    assert_int_equal(w->courier.state, FERRY_COURIER_REFUSED);
    expect_err("second", ferry_courier_error(&w->courier), FERRY_E_HASH);
    assert_int_equal(w->device.counts.transfer_errors, 2);
    assert_int_equal(w->device.counts.security_events, 0);
    assert_int_equal(w->courier.counts.image_bytes_sent, 2 * cargo.len);
    expect_no_commit(w);
    /* Another manifest is welcome. */
    world_disconnect(w);
    world_run(w, 2000);
    cargo_make(&other, NULL, BLOCK, 68);
    send_courier(w, &other);
    assert_true(travel(w, &other, HOUR));
    expect_arrived(w, &other);
}

/* ---- changed between check and use ----------------------------------------------- */

struct tamper {
    struct world *w;
    enum ferry_device_state when; /* on the first flash read in that state */
    uint32_t at;                  /* from the start of the bank */
    uint8_t xor ;
    const uint8_t *instead; /* or a whole envelope */
    size_t instead_len;
    bool done;
};

static struct tamper tamper;
static struct ferry_flash real;

static int tampered_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct tamper *t = &tamper;
    uint8_t *bank = t->w->flash.bytes + t->w->map.bank[1].addr;

    if (!t->done && t->w->device.state == t->when) {
        t->done = true;
        bank[t->at] ^= t->xor ;
        if (t->instead != NULL) {
            memcpy(bank, t->instead, t->instead_len);
        }
    }
    return real.read(ctx, addr, buf, len);
}

/* The courier's first verdict on it; nothing was committed. */
static int change_later(enum ferry_device_state when, uint32_t at, uint8_t xor,
                        const struct cargo *instead)
{
    struct world *w = plain_scene();

    real = w->flash_hal;
    tamper = (struct tamper){.w = w, .when = when, .at = at, .xor = xor};
    if (instead != NULL) {
        tamper.instead = instead->env;
        tamper.instead_len = instead->env_len;
    }
    w->flash_hal.read = tampered_read;
    send_courier(w, &cargo);
    int err = run_to_first_park(w);
    assert_true(tamper.done);
    expect_no_commit(w);
    return err;
}

static void an_image_changed_after_its_last_block_check_is_not_committed(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 8, 69);
    static const uint32_t offs[] = {0, 1, BLOCK, 2 * BLOCK + 99, 3 * BLOCK + 7};
    for (size_t i = 0; i < COUNT(offs); i++) {
        int err = change_later(FERRY_DEVICE_HASHING, 4096 + offs[i], 0x20, NULL);
        expect_err(round_name("off", offs[i]), err, FERRY_E_HASH);
        struct world *w = scene_now();
        assert_int_equal(w->device.counts.transfer_errors, 1);
        assert_int_equal(w->device.counts.security_events, 0);
        assert_int_equal(w->events.transfer, 1);
        assert_true(travel(w, &cargo, HOUR)); /* next time nobody meddles */
        expect_arrived(w, &cargo);
    }
}

/* A security event, counted apart from transfer errors: every byte of the envelope. */
static void an_envelope_changed_after_its_offer_is_not_committed(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 100, 70);
    for (uint32_t at = 0; at < cargo.env_len; at++) {
        enum ferry_device_state when =
            at % 2 == 0 ? FERRY_DEVICE_HASHING : FERRY_DEVICE_GATING;
        int err = change_later(when, at, (uint8_t)(1U << (at % 8)), NULL);
        const struct world *w = scene_now();
        expect_err(round_name("byte", at), err, FERRY_E_SIG_FINAL);
        assert_int_equal(w->courier.state, FERRY_COURIER_REFUSED);
        assert_int_equal(w->device.counts.security_events, 1);
        assert_int_equal(w->device.counts.transfer_errors, 0);
        assert_int_equal(w->events.security, 1);
        assert_int_equal(w->events.transfer, 0);
    }
}

/* Genuine, but not the one that was judged and whose image was received. */
static void a_genuine_envelope_in_the_place_of_another_is_not_committed(void **state)
{
    struct release r;

    (void)state;
    release_default(&r);
    r.version = 0x01FF0000;
    cargo_make(&cargo, NULL, 2 * BLOCK, 71);
    cargo_make(&other, &r, 2 * BLOCK, 71);
    assert_int_equal(cargo.env_len, other.env_len);
    expect_err("hashing", change_later(FERRY_DEVICE_HASHING, 0, 0, &other),
               FERRY_E_SIG_FINAL);
    expect_err("gating", change_later(FERRY_DEVICE_GATING, 0, 0, &other),
               FERRY_E_SIG_FINAL);
    assert_int_equal(scene_now()->device.counts.security_events, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forged_chunk_costs_its_block_and_nothing_else),
        cmocka_unit_test(no_forged_bit_of_any_chunk_survives_in_an_image),
        cmocka_unit_test(
            a_block_table_of_another_image_never_gets_an_image_page_erased),
        cmocka_unit_test(
            the_image_of_one_manifest_under_another_is_refused_at_its_first_block),
        cmocka_unit_test(chunks_of_another_genuine_image_spliced_in_are_refused),
        cmocka_unit_test(a_second_mismatch_of_the_whole_image_refuses_the_manifest),
        cmocka_unit_test(an_image_changed_after_its_last_block_check_is_not_committed),
        cmocka_unit_test(an_envelope_changed_after_its_offer_is_not_committed),
        cmocka_unit_test(a_genuine_envelope_in_the_place_of_another_is_not_committed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
