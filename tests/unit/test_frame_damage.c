/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what damage costs: a frame that cannot be used is reported once, the next one
 * is good, and a lost or flipped piece of the stream costs the frames it touched. Also
 * the seal that tells good from bad. */
#include "frame.h"

#include <stdlib.h>

#include "check.h"
#include "stream.h"

#define INIT 0x5EED

struct damage {
    const char *name, *hex;
    uint16_t ctl_cap, chunk_cap; /* 0: nowhere to go */
    unsigned damaged;
};
static const struct damage damages[] = {
    {"nothing", "", 8, 8, 0},
    {"zeros between frames", "00 00 00", 8, 8, 0},
    {"an empty frame", "01 00", 8, 8, 1},
    {"a group cut short", "05 11 22 00", 8, 8, 1},
    {"a group without its bytes", "05 00", 8, 8, 1},
    {"the longest group cut short", "FF 253*11 00", 300, 8, 1},
    {"the second group cut short", "02 11 03 22 00", 8, 8, 1},
    {"one byte too long", "0A 9*11 00", 8, 8, 1},
    {"one byte too long, an implied zero", "09 8*11 01 00", 8, 8, 1},
    {"one byte too long, a chunk", "01 0A 9*11 00", 8, 8, 1},
    {"thousands of bytes too long", "9*FF 4000*11 00", 8, 8, 1},
    {"a chunk with nowhere to go", "01 04 11 22 33 00", 8, 0, 1},
    {"a long chunk with nowhere to go", "01 FF 254*11 00", 8, 0, 1},
    {"zeros with nowhere to go", "01 01 01 01 00", 8, 0, 1},
    {"a chunk cut short with nowhere to go", "01 04 11 00", 8, 0, 1},
    {"two of them", "01 04 11 22 33 00 05 11 22 00", 8, 0, 2},
    {"rubbish before a zero", "07 55 66 00", 8, 8, 1},
};

static void
a_frame_that_cannot_be_used_is_reported_once_and_the_next_is_good(void **state)
{
    static struct ear e;
    static struct stream s;

    (void)state;
    for (size_t i = 0; i < COUNT(damages); i++) {
        const struct damage *d = &damages[i];
        s.len = unhex(d->hex, s.bytes);
        stream_put(&s, (const uint8_t *)"good", 4, false);
        for (size_t piece = 1; piece <= 64; piece++) {
            ear_open(&e, d->ctl_cap, d->chunk_cap);
            if (d->chunk_cap == 0) {
                e.in.chunk = NULL;
                e.in.chunk_cap = 8; /* not what decides */
            }
            ear_hear_pieces(&e, &s, piece);
            expect_true(d->name, e.damaged == d->damaged);
            expect_true(d->name, e.whole == 1);
            assert_int_equal(e.last_len, 4);
            assert_memory_equal(e.last, "good", 4);
        }
    }
}

static void control_frames_with_nowhere_to_go_do_not_disturb_chunks(void **state)
{
    static struct ear e;
    struct stream s = {.len = 0};

    (void)state;
    ear_open(&e, 0, 8);
    e.in.ctl = NULL;
    stream_put(&s, (const uint8_t *)"ctl", 3, false);
    stream_put(&s, (const uint8_t *)"\0chunk", 6, false);
    ear_hear(&e, s.bytes, s.len);
    assert_int_equal(e.damaged, 1);
    assert_int_equal(e.whole, 1);
    assert_memory_equal(e.last, "\0chunk", 6);
}

static void a_buffer_is_never_overrun(void **state)
{
    struct dice d = {11};

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        uint16_t cap = (uint16_t)roll_below(&d, 20);
        struct ferry_frame_in in = {.ctl_cap = cap, .chunk_cap = cap};
        uint8_t noise[60];
        in.ctl = malloc(cap);
        in.chunk = malloc(cap);
        ferry_frame_in_reset(&in);
        for (unsigned n = 0; n < 20; n++) {
            roll_bytes(&d, noise, sizeof noise);
            for (size_t k = 0; k < sizeof noise; k++) {
                noise[k] = n % 2 == 0 ? noise[k] & 7 : noise[k];
            }
            const uint8_t *p = noise;
            size_t left = sizeof noise;
            while (left > 0) {
                if (ferry_frame_in(&in, &p, &left) == FERRY_FRAME_WHOLE) {
                    assert_true(in.len > 0 && in.len <= cap);
                }
            }
        }
        free(in.ctl);
        free(in.chunk);
    }
}

static void a_lead_zero_makes_rubbish_before_it_cost_nothing(void **state)
{
    static struct ear e;
    struct stream s = {.len = 0};

    (void)state;
    stream_raw(&s, "\x30rubbish of another life", 24);
    stream_put(&s, (const uint8_t *)"hello", 5, true);
    ear_open(&e, 64, 64);
    ear_hear(&e, s.bytes, s.len);
    assert_int_equal(e.damaged, 1);
    assert_int_equal(e.whole, 1);
    assert_memory_equal(e.last, "hello", 5);
}

static void a_lead_zero_on_a_quiet_line_is_not_damage(void **state)
{
    static struct ear e;
    struct stream s = {.len = 0};

    (void)state;
    stream_put(&s, (const uint8_t *)"hello", 5, true);
    stream_put(&s, (const uint8_t *)"hello", 5, true);
    ear_open(&e, 64, 64);
    ear_hear(&e, s.bytes, s.len);
    assert_int_equal(e.damaged, 0);
    assert_int_equal(e.whole, 2);
}

/* ---- what a hurt stream still carries -------------------------------------------- */

#define FRAMES 8U
#define BODY 36U

/* Sealed frames, each marked by its place; `end` is one past its delimiter. */
struct convoy {
    struct stream s;
    uint8_t body[FRAMES][BODY];
    size_t end[FRAMES];
};

static void load(struct convoy *c)
{
    struct dice d = {21};

    c->s.len = 0;
    for (unsigned i = 0; i < FRAMES; i++) {
        roll_bytes(&d, c->body[i], BODY - 2);
        c->body[i][0] = i % 2 == 0 ? 0 : 0x83;
        c->body[i][1] = (uint8_t)i;
        c->body[i][2] = 0;
        ferry_frame_seal(c->body[i], BODY - 2, INIT);
        stream_put(&c->s, c->body[i], BODY, i == 0);
        c->end[i] = c->s.len;
    }
}

/* Hear a hurt stream: which frames came? None may come that was never sent. */
static unsigned arrived(const struct convoy *c, const struct stream *hurt)
{
    static struct ear e;
    const uint8_t *p = hurt->bytes;
    size_t left = hurt->len;
    unsigned which = 0;

    ear_open(&e, BODY, BODY);
    while (left > 0) {
        if (ferry_frame_in(&e.in, &p, &left) == FERRY_FRAME_WHOLE &&
            ferry_frame_sealed(e.in.to, e.in.len, INIT)) {
            assert_int_equal(e.in.len, BODY);
            assert_true(e.in.to[1] < FRAMES);
            assert_memory_equal(e.in.to, c->body[e.in.to[1]], BODY);
            which |= 1U << e.in.to[1];
        }
    }
    return which;
}

/* Frames of which no byte lies in [from, to), nor the delimiter before them. */
static unsigned untouched(const struct convoy *c, size_t from, size_t to)
{
    unsigned which = 0;

    for (unsigned i = 0; i < FRAMES; i++) {
        size_t begin = i == 0 ? 0 : c->end[i - 1] - 1;
        if (to <= begin || from >= c->end[i]) {
            which |= 1U << i;
        }
    }
    return which;
}

static void a_flipped_bit_costs_at_most_the_frames_it_touches(void **state)
{
    static struct convoy c;
    static struct stream hurt;

    (void)state;
    load(&c);
    assert_int_equal(arrived(&c, &c.s), (1U << FRAMES) - 1);
    for (size_t bit = 0; bit < c.s.len * 8; bit++) {
        hurt = c.s;
        hurt.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        unsigned safe = untouched(&c, bit / 8, bit / 8 + 1);
        assert_int_equal(arrived(&c, &hurt) & safe, safe);
    }
}

static void a_lost_value_costs_at_most_the_frames_it_touches(void **state)
{
    static struct convoy c;
    static struct stream hurt;

    (void)state;
    load(&c);
    for (size_t size = 1; size <= 64; size++) {
        for (size_t at = 0; at + size <= c.s.len; at++) {
            memcpy(hurt.bytes, c.s.bytes, at);
            memcpy(hurt.bytes + at, c.s.bytes + at + size, c.s.len - at - size);
            hurt.len = c.s.len - size;
            unsigned safe = untouched(&c, at, at + size);
            assert_int_equal(arrived(&c, &hurt) & safe, safe);
        }
    }
}

static void an_added_byte_costs_at_most_the_frames_it_touches(void **state)
{
    static struct convoy c;
    static struct stream hurt;

    (void)state;
    load(&c);
    for (unsigned byte = 0; byte <= 0xFF; byte += 15) {
        for (size_t at = 0; at <= c.s.len; at++) {
            memcpy(hurt.bytes, c.s.bytes, at);
            hurt.bytes[at] = (uint8_t)byte;
            memcpy(hurt.bytes + at + 1, c.s.bytes + at, c.s.len - at);
            hurt.len = c.s.len + 1;
            unsigned safe = untouched(&c, at == 0 ? 0 : at - 1, at + 1);
            assert_int_equal(arrived(&c, &hurt) & safe, safe);
        }
    }
}

/* ---- the seal -------------------------------------------------------------------- */

static void a_frame_sealed_for_another_session_does_not_hold(void **state)
{
    static struct convoy c;

    (void)state;
    load(&c);
    for (unsigned i = 0; i < FRAMES; i++) {
        assert_true(ferry_frame_sealed(c.body[i], BODY, INIT));
        assert_false(ferry_frame_sealed(c.body[i], BODY, INIT + 1));
        assert_false(ferry_frame_sealed(c.body[i], BODY, 0xFFFF));
    }
}

static void a_sealed_body_holds_for_its_own_initial_value_only(void **state)
{
    uint8_t body[8] = "sealed";

    (void)state;
    assert_int_equal(ferry_frame_seal(body, 6, 0x1234), 8);
    assert_memory_equal(body, "sealed", 6);
    for (uint32_t init = 0; init <= 0xFFFF; init++) {
        assert_int_equal(ferry_frame_sealed(body, 8, (uint16_t)init), init == 0x1234);
    }
}

static void the_crc_stands_little_endian_behind_the_body(void **state)
{
    uint8_t body[11] = "123456789";

    (void)state;
    assert_int_equal(ferry_frame_seal(body, 9, 0xFFFF), 11);
    assert_int_equal(body[9], 0xB1);
    assert_int_equal(body[10], 0x29);
}

static void a_body_too_short_for_a_type_and_a_crc_is_not_sealed(void **state)
{
    uint8_t body[3] = {0};

    (void)state;
    for (size_t len = 0; len < 3; len++) {
        uint8_t *exact = exact_copy(body, len);
        assert_false(ferry_frame_sealed(exact, len, 0));
        free(exact);
    }
    assert_true(ferry_frame_sealed(body, 3, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_frame_that_cannot_be_used_is_reported_once_and_the_next_is_good),
        cmocka_unit_test(control_frames_with_nowhere_to_go_do_not_disturb_chunks),
        cmocka_unit_test(a_buffer_is_never_overrun),
        cmocka_unit_test(a_lead_zero_makes_rubbish_before_it_cost_nothing),
        cmocka_unit_test(a_lead_zero_on_a_quiet_line_is_not_damage),
        cmocka_unit_test(a_flipped_bit_costs_at_most_the_frames_it_touches),
        cmocka_unit_test(a_lost_value_costs_at_most_the_frames_it_touches),
        cmocka_unit_test(an_added_byte_costs_at_most_the_frames_it_touches),
        cmocka_unit_test(a_frame_sealed_for_another_session_does_not_hold),
        cmocka_unit_test(a_sealed_body_holds_for_its_own_initial_value_only),
        cmocka_unit_test(the_crc_stands_little_endian_behind_the_body),
        cmocka_unit_test(a_body_too_short_for_a_type_and_a_crc_is_not_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
