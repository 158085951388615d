/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that what frame.c sends is COBS, however it is cut, and that it hears the same
 * frames however the stream is cut. Damage and seal are in test_frame_damage.c. */
#include "frame.h"

#include <stdlib.h>

#include "check.h"
#include "stream.h"

/* ---- out ------------------------------------------------------------------------- */

#define LONGEST 600U

enum pattern {
    ALL_ZERO,
    NO_ZERO,
    ZERO_FIRST,
    ZERO_LAST,
    RUNS_OF_253,
    RUNS_OF_254,
    RUNS_OF_255,
    ALTERNATING,
    MIXED,
    PATTERNS
};

static uint8_t byte_of(enum pattern p, size_t i, size_t len, struct dice *d)
{
    uint8_t other = (uint8_t)(1 + i % 255);

    switch (p) {
    case ALL_ZERO:
        return 0;
    case ZERO_FIRST:
        return i == 0 ? 0 : other;
    case ZERO_LAST:
        return i == len - 1 ? 0 : other;
    case RUNS_OF_253:
        return i % 254 == 253 ? 0 : other;
    case RUNS_OF_254:
        return i % 255 == 254 ? 0 : other;
    case RUNS_OF_255:
        return i % 256 == 255 ? 0 : other;
    case ALTERNATING:
        return i % 2 == 0 ? 0 : other;
    case MIXED:
        return roll_below(d, 8) == 0 ? 0 : (uint8_t)roll(d);
    case NO_ZERO:
    case PATTERNS:
        break;
    }
    return other;
}

static void fill(uint8_t *body, size_t len, enum pattern p)
{
    struct dice d = {(uint32_t)len + 1};

    for (size_t i = 0; i < len; i++) {
        body[i] = byte_of(p, i, len, &d);
    }
}

/* COBS as its paper tells it, without any of frame.c's cleverness. `in` has no
 * delimiter. */
static size_t plain_decode(const uint8_t *in, size_t n, uint8_t *out)
{
    size_t at = 0, len = 0;

    while (at < n) {
        uint8_t code = in[at++];
        for (unsigned i = 1; i < code && at < n; i++) {
            out[len++] = in[at++];
        }
        if (code != 0xFF && at < n) {
            out[len++] = 0;
        }
    }
    return len;
}

struct vector {
    const char *body, *encoded;
};
static const struct vector vectors[] = {
    {"00", "01 01 00"},
    {"00 00", "01 01 01 00"},
    {"00 11 00", "01 02 11 01 00"},
    {"11 22 00 33", "03 11 22 02 33 00"},
    {"11 22 33 44", "05 11 22 33 44 00"},
    {"11 00 00 00", "02 11 01 01 01 00"},
    {"253*AB", "FE 253*AB 00"},
    {"254*AB", "FF 254*AB 00"},
    {"255*AB", "FF 254*AB 02 AB 00"},
    {"00 254*AB", "01 FF 254*AB 00"},
    {"253*AB 00", "FE 253*AB 01 00"},
    {"254*AB 00", "FF 254*AB 01 01 00"},
    {"253*AB 00 CD", "FE 253*AB 02 CD 00"},
    {"254*AB 00 CD", "FF 254*AB 01 02 CD 00"},
    {"508*AB", "FF 254*AB FF 254*AB 00"},
};

static void encoder_writes_cobs_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct stream s = {.len = 0};
        uint8_t body[LONGEST], want[LONGEST];
        size_t len = unhex(vectors[i].body, body);
        size_t want_len = unhex(vectors[i].encoded, want);

        stream_put(&s, body, len, false);
        expect_true(vectors[i].body, s.len == want_len);
        expect_true(vectors[i].body, memcmp(s.bytes, want, want_len) == 0);
    }
}

static void check_one_encoding(const uint8_t *body, size_t len)
{
    struct stream s = {.len = 0};
    uint8_t out[LONGEST];

    stream_put(&s, body, len, false);
    assert_true(s.len <= len + len / 254 + 1 + 1);
    assert_ptr_equal(memchr(s.bytes, 0, s.len), s.bytes + s.len - 1);
    assert_int_equal(plain_decode(s.bytes, s.len - 1, out), len);
    assert_memory_equal(out, body, len);
}

static void
encoded_frame_holds_its_body_and_one_zero_within_the_promised_length(void **state)
{
    (void)state;
    for (size_t len = 1; len <= LONGEST; len++) {
        for (int p = 0; p < PATTERNS; p++) {
            uint8_t body[LONGEST];
            fill(body, len, (enum pattern)p);
            uint8_t *exact = exact_copy(body, len);
            check_one_encoding(exact, len);
            free(exact);
        }
    }
}

/* Every value but the last is full, and no byte behind it is touched. */
static void check_values(const struct stream *whole, const uint8_t *body, size_t len,
                         size_t size)
{
    struct ferry_frame_out out;
    uint8_t frame[LONGEST + 2 * FERRY_FRAME_OVER], value[65];
    size_t at = 0;

    memcpy(frame + FERRY_FRAME_HEAD, body, len);
    ferry_frame_out_start(&out, frame, len, false);
    while (ferry_frame_out_busy(&out)) {
        value[size] = 0xEE;
        assert_int_equal(ferry_frame_out(&out, value, 0), 0);
        size_t n = ferry_frame_out(&out, value, size);
        assert_true(n == size || !ferry_frame_out_busy(&out));
        assert_int_equal(value[size], 0xEE);
        assert_true(at + n <= whole->len);
        assert_int_equal(memcmp(value, whole->bytes + at, n), 0);
        at += n;
    }
    assert_int_equal(at, whole->len);
    assert_int_equal(ferry_frame_out(&out, value, size), 0);
}

static void encoder_writes_the_same_bytes_into_values_of_any_size(void **state)
{
    (void)state;
    for (size_t len = 1; len <= LONGEST; len += len < 20 || len > 240 ? 1 : 7) {
        for (int p = 0; p < PATTERNS; p++) {
            struct stream whole;
            uint8_t body[LONGEST];
            fill(body, len, (enum pattern)p);
            whole.len = 0;
            stream_put(&whole, body, len, false);
            for (size_t size = 1; size <= 64; size += p == MIXED ? 1 : 9) {
                check_values(&whole, body, len, size);
            }
        }
    }
}

static void a_lead_zero_goes_before_the_frame_and_changes_nothing_else(void **state)
{
    struct stream plain = {.len = 0}, led = {.len = 0};

    (void)state;
    stream_put(&plain, (const uint8_t *)"hello", 5, false);
    stream_put(&led, (const uint8_t *)"hello", 5, true);
    assert_int_equal(led.len, plain.len + 1);
    assert_int_equal(led.bytes[0], 0);
    assert_memory_equal(led.bytes + 1, plain.bytes, plain.len);
}

/* docs: 136 bytes on the wire at C = 128, 265 at C = 256, whatever they hold. */
static void a_chunk_frame_costs_what_the_design_says(void **state)
{
    uint8_t body[262];

    (void)state;
    for (int p = 0; p < PATTERNS; p++) {
        struct stream s = {.len = 0};
        fill(body, sizeof body, (enum pattern)p);
        body[0] = 0;
        stream_put(&s, body, 134, false);
        assert_int_equal(s.len, 136);
        s.len = 0;
        stream_put(&s, body, 262, false);
        assert_true(s.len <= 265);
    }
}

/* ---- in -------------------------------------------------------------------------- */

static void decoder_returns_every_body_whatever_it_holds(void **state)
{
    static struct ear e;

    (void)state;
    for (size_t len = 1; len <= LONGEST; len++) {
        for (int p = 0; p < PATTERNS; p++) {
            struct stream s;
            uint8_t body[LONGEST];
            fill(body, len, (enum pattern)p);
            s.len = 0;
            stream_put(&s, body, len, false);
            ear_open(&e, (uint16_t)len, (uint16_t)len);
            ear_hear(&e, s.bytes, s.len);
            assert_int_equal(e.whole, 1);
            assert_int_equal(e.damaged, 0);
            assert_int_equal(e.last_len, len);
            assert_int_equal(memcmp(e.last, body, len), 0);
        }
    }
}

/* Other encoders put 01 behind a full group at the very end. */
static void decoder_takes_both_spellings_of_a_full_last_group(void **state)
{
    const char *const spellings[] = {"FF 254*AB 00", "FF 254*AB 01 00"};
    static struct ear e;

    (void)state;
    for (size_t i = 0; i < COUNT(spellings); i++) {
        uint8_t bytes[300], body[254];
        size_t len = unhex(spellings[i], bytes);
        memset(body, 0xAB, sizeof body);
        ear_open(&e, 254, 0);
        ear_hear(&e, bytes, len);
        assert_int_equal(e.whole, 1);
        assert_int_equal(e.last_len, sizeof body);
        assert_memory_equal(e.last, body, sizeof body);
    }
}

/* Good frames, a lead zero, an empty frame, one cut short and one over-long. */
static void put_all_sorts(struct stream *s)
{
    uint8_t body[LONGEST];

    s->len = 0;
    for (int p = 0; p < PATTERNS; p++) {
        size_t len = 3 + 7 * (size_t)p;
        fill(body, len, (enum pattern)p);
        stream_put(s, body, len, p % 3 == 0);
    }
    stream_raw(s, "\x01\x00", 2);
    stream_raw(s, "\x09\x61\x62\x00\x00", 5);
    fill(body, 300, RUNS_OF_254);
    stream_put(s, body, 300, false);
    fill(body, 259, ALL_ZERO);
    stream_put(s, body, 259, false);
    fill(body, 258, ZERO_LAST);
    stream_put(s, body, 258, false);
}

static void decoder_gives_the_same_frames_however_the_stream_is_cut(void **state)
{
    static struct stream s;
    static struct ear whole, cut;
    struct dice d = {5};

    (void)state;
    put_all_sorts(&s);
    ear_open(&whole, 260, 258);
    ear_hear(&whole, s.bytes, s.len);
    assert_int_equal(whole.whole, PATTERNS + 1);
    assert_int_equal(whole.damaged, 4);

    for (size_t piece = 1; piece <= 64; piece++) {
        ear_open(&cut, 260, 258);
        ear_hear_pieces(&cut, &s, piece);
        assert_int_equal(cut.log_len, whole.log_len);
        assert_memory_equal(cut.log, whole.log, whole.log_len);
    }
    for (size_t at = 0; at <= s.len; at++) {
        size_t more = roll_below(&d, (uint32_t)(s.len - at) + 1);
        ear_open(&cut, 260, 258);
        ear_hear(&cut, s.bytes, at);
        ear_hear(&cut, s.bytes + at, more);
        ear_hear(&cut, s.bytes + at + more, s.len - at - more);
        assert_int_equal(cut.log_len, whole.log_len);
        assert_memory_equal(cut.log, whole.log, whole.log_len);
    }
}

static void decoder_lays_chunks_and_other_frames_into_their_own_buffers(void **state)
{
    static struct ear e;
    struct stream s = {.len = 0};

    (void)state;
    ear_open(&e, 700, 700);
    stream_put(&s, (const uint8_t *)"\0chunk", 6, false);
    ear_hear(&e, s.bytes, s.len);
    assert_ptr_equal(e.last, e.chunk);
    s.len = 0;
    stream_put(&s, (const uint8_t *)"\1ctl", 4, false);
    ear_hear(&e, s.bytes, s.len);
    assert_ptr_equal(e.last, e.ctl);
    assert_memory_equal(e.chunk, "\0chunk", 6);
}

/* The next frame may already lie in the same value: it must not overwrite this one. */
static void decoder_stops_at_each_frame_so_that_it_can_be_used(void **state)
{
    static struct ear e;
    struct stream s = {.len = 0};

    (void)state;
    ear_open(&e, 700, 700);
    stream_put(&s, (const uint8_t *)"first", 5, false);
    stream_put(&s, (const uint8_t *)"again", 5, false);
    const uint8_t *p = s.bytes;
    size_t left = s.len;
    assert_int_equal(ferry_frame_in(&e.in, &p, &left), FERRY_FRAME_WHOLE);
    assert_int_equal(left, 7);
    assert_memory_equal(e.in.to, "first", 5);
    assert_int_equal(ferry_frame_in(&e.in, &p, &left), FERRY_FRAME_WHOLE);
    assert_int_equal(left, 0);
    assert_memory_equal(e.in.to, "again", 5);
    assert_int_equal(ferry_frame_in(&e.in, &p, &left), FERRY_FRAME_NONE);
}

static void a_reset_forgets_half_a_frame_and_keeps_the_buffers(void **state)
{
    static struct ear e;
    struct stream s = {.len = 0};

    (void)state;
    ear_open(&e, 700, 700);
    stream_put(&s, (const uint8_t *)"hello", 5, false);
    ear_hear(&e, s.bytes, 3);
    ferry_frame_in_reset(&e.in);
    ear_hear(&e, s.bytes, s.len);
    assert_int_equal(e.whole, 1);
    assert_int_equal(e.damaged, 0);
    assert_memory_equal(e.last, "hello", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoder_writes_cobs_as_published),
        cmocka_unit_test(
            encoded_frame_holds_its_body_and_one_zero_within_the_promised_length),
        cmocka_unit_test(encoder_writes_the_same_bytes_into_values_of_any_size),
        cmocka_unit_test(a_lead_zero_goes_before_the_frame_and_changes_nothing_else),
        cmocka_unit_test(a_chunk_frame_costs_what_the_design_says),
        cmocka_unit_test(decoder_returns_every_body_whatever_it_holds),
        cmocka_unit_test(decoder_takes_both_spellings_of_a_full_last_group),
        cmocka_unit_test(decoder_gives_the_same_frames_however_the_stream_is_cut),
        cmocka_unit_test(decoder_lays_chunks_and_other_frames_into_their_own_buffers),
        cmocka_unit_test(decoder_stops_at_each_frame_so_that_it_can_be_used),
        cmocka_unit_test(a_reset_forgets_half_a_frame_and_keeps_the_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
