/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that each message comes out of its bytes as it went in, and that no other
 * bytes are taken for one: wrong length, wrong tag, unknown type, flipped bit. */
#include "msg.h"

#include <stdlib.h>

#include "check.h"
#include "frame.h"

#define TAG 0x7A5C
#define CRC_LEN 2U

static const uint8_t bytes[FERRY_CHUNK_MAX] = {
    0xC1, 0xC2, 0x00, 0xC4, [16] = 0xD1, 0xD2, [47] = 0x30, [127] = 0x7F, [255] = 0xFE};

static const uint8_t some_class[16] = {0xC1, 0xA5, 0x55};
static const uint8_t some_digest[16] = {0xD1, 0x6E, 0x57};

#define SOME_ACK                                                                       \
    {                                                                                  \
        .epoch = 0xE0, .base = 0xB1A5, .bits = {0x89ABCDEF, 0x01234567},               \
        .credit = 0xC0, .reason = FERRY_REASON_VERIFYING, .echo = 0xEC, .wait = 0xA1   \
    }

/* One of each, every field with a value of its own; lengths are those of the body
 * without type and CRC, as PROTOCOL.md has them. */
struct sort {
    const char *name;
    bool reply;
    size_t least, most;
    struct ferry_msg msg;
};
static const struct sort sorts[] = {
    {"CHUNK",
     false,
     7,
     259,
     {FERRY_MSG_CHUNK, 128, bytes, {NULL}, {.chunk = {0xABCDEF}}}},
    {"HELLO",
     false,
     7,
     7,
     {.type = FERRY_MSG_HELLO, .u.hello = {FERRY_WIRE_VERSION, 0xF123, 0x06070809}}},
    {"OFFER",
     false,
     5,
     52,
     {FERRY_MSG_OFFER, 48, bytes, {NULL}, {.piece = {333, 0x0120}}}},
    {"STATUS", false, 1, 1, {.type = FERRY_MSG_STATUS, .u.status = {0x5A}}},
    {"REPORT",
     false,
     18,
     18,
     {.type = FERRY_MSG_REPORT, .bytes = {some_class}, .u.report = {0x0130}}},
    {"ABORT", false, 0, 0, {.type = FERRY_MSG_ABORT}},
    {"INFO",
     true,
     63,
     63,
     {.type = FERRY_MSG_INFO,
      .bytes = {some_class, some_digest},
      .u.info = {.wire = 1,
                 .flags = FERRY_INFO_BUSY,
                 .nonce = 0x04030201,
                 .tag = 0x8001,
                 .hw_rev = 0x10203040,
                 .version = 0xFFFFFFFF,
                 .floor = 0x0100002A,
                 .link = 0x00041000,
                 .boot_caps = 0x00000101,
                 .chunk = 256,
                 .window = 64}}},
    {"VERDICT",
     true,
     22,
     22,
     {.type = FERRY_MSG_VERDICT,
      .u.verdict = {FERRY_VERDICT_REFUSE, 48, 0x99, 0xDEADBEEF, SOME_ACK}}},
    {"ACK", true, 15, 15, {.type = FERRY_MSG_ACK, .u.ack = SOME_ACK}},
    {"DONE", true, 1, 1, {.type = FERRY_MSG_DONE, .u.done = {63}}},
    {"STATEMENT",
     true,
     4,
     52,
     {FERRY_MSG_STATEMENT, 48, bytes, {NULL}, {.piece = {257, 48}}}},
};

static bool same_ack(const struct ferry_ack *a, const struct ferry_ack *b)
{
    return a->bits[0] == b->bits[0] && a->bits[1] == b->bits[1] && a->base == b->base &&
           a->epoch == b->epoch && a->credit == b->credit && a->reason == b->reason &&
           a->echo == b->echo && a->wait == b->wait;
}

static bool same_info(const struct ferry_msg *a, const struct ferry_msg *b)
{
    return a->u.info.wire == b->u.info.wire && a->u.info.flags == b->u.info.flags &&
           a->u.info.nonce == b->u.info.nonce && a->u.info.tag == b->u.info.tag &&
           a->u.info.chunk == b->u.info.chunk && a->u.info.window == b->u.info.window &&
           memcmp(a->bytes[0], b->bytes[0], 16) == 0 &&
           memcmp(a->bytes[1], b->bytes[1], 16) == 0 &&
           a->u.info.hw_rev == b->u.info.hw_rev &&
           a->u.info.version == b->u.info.version &&
           a->u.info.floor == b->u.info.floor && a->u.info.link == b->u.info.link &&
           a->u.info.boot_caps == b->u.info.boot_caps;
}

static bool same(const struct ferry_msg *a, const struct ferry_msg *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch ((enum ferry_msg_type)a->type) {
    case FERRY_MSG_CHUNK:
        return a->u.chunk.index == b->u.chunk.index && a->rest_len == b->rest_len &&
               memcmp(a->rest, b->rest, a->rest_len) == 0;
    case FERRY_MSG_HELLO:
        return a->u.hello.wire == b->u.hello.wire &&
               a->u.hello.value_max == b->u.hello.value_max &&
               a->u.hello.nonce == b->u.hello.nonce;
    case FERRY_MSG_REPORT:
        return a->u.report.off == b->u.report.off &&
               memcmp(a->bytes[0], b->bytes[0], 16) == 0;
    case FERRY_MSG_OFFER:
    case FERRY_MSG_STATEMENT:
        return a->u.piece.total == b->u.piece.total &&
               a->u.piece.off == b->u.piece.off && a->rest_len == b->rest_len &&
               memcmp(a->rest, b->rest, a->rest_len) == 0;
    case FERRY_MSG_STATUS:
        return a->u.status.token == b->u.status.token;
    case FERRY_MSG_ABORT:
        return true;
    case FERRY_MSG_INFO:
        return same_info(a, b);
    case FERRY_MSG_VERDICT:
        return a->u.verdict.kind == b->u.verdict.kind &&
               a->u.verdict.code == b->u.verdict.code &&
               a->u.verdict.detail == b->u.verdict.detail &&
               a->u.verdict.number == b->u.verdict.number &&
               same_ack(&a->u.verdict.ack, &b->u.verdict.ack);
    case FERRY_MSG_ACK:
        return same_ack(&a->u.ack, &b->u.ack);
    case FERRY_MSG_DONE:
        return a->u.done.code == b->u.done.code;
    }
    return false;
}

static size_t encode_into(const struct ferry_msg *m, uint8_t *body, size_t cap)
{
    return ferry_msg_encode(m, body, cap, TAG);
}

static size_t encode(const struct ferry_msg *m, uint8_t *body)
{
    size_t len = encode_into(m, body, 300);

    assert_true(len > 0);
    return len;
}

static int decode(bool reply, struct ferry_msg *m, const uint8_t *body, size_t len,
                  uint16_t tag)
{
    return reply ? ferry_msg_decode_reply(m, body, len, tag)
                 : ferry_msg_decode_ask(m, body, len, tag);
}

/* ---- what must pass -------------------------------------------------------------- */

static void every_message_comes_out_as_it_went_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sorts); i++) {
        struct ferry_msg got;
        uint8_t body[300];
        size_t len = encode(&sorts[i].msg, body);
        uint8_t *exact = exact_copy(body, len);

        expect_true(sorts[i].name, body[0] == sorts[i].msg.type ||
                                       sorts[i].msg.type == FERRY_MSG_CHUNK);
        expect_code(sorts[i].name, decode(sorts[i].reply, &got, exact, len, TAG), 0);
        expect_true(sorts[i].name, same(&sorts[i].msg, &got));
        free(exact);
    }
}

static void a_chunk_begins_with_its_index_big_endian_below_2_to_the_24(void **state)
{
    const uint32_t indexes[] = {0, 1, 0x80, 0x1234, 0x10000, 0xFFFFFF};

    (void)state;
    for (size_t i = 0; i < COUNT(indexes); i++) {
        struct ferry_msg m = sorts[0].msg, got;
        uint8_t body[300];
        uint32_t v = indexes[i];
        const uint8_t head[4] = {0, (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

        m.u.chunk.index = v;
        size_t len = encode(&m, body);
        assert_memory_equal(body, head, 4);
        assert_int_equal(decode(false, &got, body, len, TAG), 0);
        assert_int_equal(got.u.chunk.index, v);
        assert_ptr_equal(got.rest, body + 4);
    }
}

static void a_chunk_of_either_size_can_be_sealed_where_it_stands(void **state)
{
    const uint16_t sizes[] = {4, 128, 132, 256};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct ferry_msg m = sorts[0].msg;
        uint8_t copied[300], in_place[300];

        m.rest_len = sizes[i];
        size_t len = encode(&m, copied);
        memcpy(in_place + 4, bytes, sizes[i]);
        m.rest = in_place + 4;
        assert_int_equal(encode(&m, in_place), len);
        assert_int_equal(len, sizes[i] + FERRY_CHUNK_OVER);
        assert_memory_equal(in_place, copied, len);
    }
}

static void an_ack_lies_on_the_wire_as_the_design_says_and_fits_one_value(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_ACK, .u.ack = SOME_ACK};
    const uint8_t want[] = {0x83, 0xE0, 0xA5, 0xB1, 0xEF, 0xCD, 0xAB, 0x89,
                            0x67, 0x45, 0x23, 0x01, 0xC0, 3,    0xEC, 0xA1};
    struct ferry_frame_out out;
    uint8_t frame[32], value[32];
    uint8_t *body = frame + FERRY_FRAME_HEAD;

    (void)state;
    size_t len = encode_into(&m, body, sizeof frame - FERRY_FRAME_OVER);
    assert_int_equal(len, sizeof want + CRC_LEN);
    assert_memory_equal(body, want, sizeof want);
    ferry_frame_out_start(&out, frame, len, false);
    assert_int_equal(ferry_frame_out(&out, value, sizeof value), 20);
}

static void every_message_fits_the_buffers_that_sessions_have(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sorts); i++) {
        size_t longest = 1 + sorts[i].most + CRC_LEN;
        bool chunk = sorts[i].msg.type == FERRY_MSG_CHUNK;
        bool to_device = !sorts[i].reply;
        expect_true(sorts[i].name,
                    longest <= (chunk       ? FERRY_CHUNK_MAX + FERRY_CHUNK_OVER
                                : to_device ? FERRY_CTL_IN
                                            : FERRY_CTL_OUT - FERRY_FRAME_OVER));
    }
}

/* ---- what must not --------------------------------------------------------------- */

static bool permitted(bool reply, uint8_t type, size_t len)
{
    for (size_t i = 0; i < COUNT(sorts); i++) {
        if (sorts[i].msg.type == type) {
            return sorts[i].reply == reply && len >= 1 + sorts[i].least + CRC_LEN &&
                   len <= 1 + sorts[i].most + CRC_LEN;
        }
    }
    return false;
}

/* Both seals are tried at both ends, so that nothing but length, type or direction can
 * be what is wrong. */
static void every_other_length_type_and_direction_is_refused(void **state)
{
    (void)state;
    for (unsigned type = 0; type <= 0xFF; type++) {
        bool hello = type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO;
        for (size_t len = 0; len <= 300; len++) {
            uint8_t body[302] = {(uint8_t)type};
            struct ferry_msg got;
            for (unsigned way = 0; way < 4; way++) {
                bool reply = way % 2 == 1, bare = way / 2 == 1;
                if (len > CRC_LEN) {
                    ferry_frame_seal(body, len - CRC_LEN, bare ? 0xFFFF : TAG);
                }
                bool good = permitted(reply, (uint8_t)type, len) && bare == hello;
                assert_int_equal(decode(reply, &got, body, len, TAG),
                                 good ? 0 : FERRY_E_PROTO);
            }
        }
    }
}

static void a_message_of_another_session_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sorts); i++) {
        uint8_t type = sorts[i].msg.type;
        bool any_session = type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO;
        uint8_t body[300];
        struct ferry_msg got;
        size_t len = encode(&sorts[i].msg, body);

        for (uint32_t tag = 0; tag <= 0xFFFF; tag += type == FERRY_MSG_ACK ? 1 : 7) {
            bool good = any_session || tag == TAG;
            if (decode(sorts[i].reply, &got, body, len, (uint16_t)tag) !=
                (good ? 0 : FERRY_E_PROTO)) {
                print_error("%s under tag %04x\n", sorts[i].name, (unsigned)tag);
                fail();
            }
        }
    }
}

/* Under the tag 0xFEFF a HELLO whose lowest bit flips would be sealed as a chunk:
 * the flip in the type is what the other initial value makes up for. */
static void every_flipped_bit_and_every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sorts); i++) {
        uint8_t body[300];
        struct ferry_msg got;
        size_t len = encode(&sorts[i].msg, body);

        for (size_t bit = 0; bit < len * 8; bit++) {
            body[bit / 8] ^= (uint8_t)(1U << bit % 8);
            expect_code(sorts[i].name, decode(sorts[i].reply, &got, body, len, TAG),
                        FERRY_E_PROTO);
            body[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *exact = exact_copy(body, cut);
            expect_code(sorts[i].name, decode(sorts[i].reply, &got, exact, cut, TAG),
                        FERRY_E_PROTO);
            free(exact);
        }
    }
}

static void encoder_answers_0_where_a_message_does_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sorts); i++) {
        uint8_t body[300];
        size_t need = encode(&sorts[i].msg, body);

        for (size_t cap = 0; cap <= need; cap++) {
            uint8_t *exact = exact_copy(body, cap);
            size_t got = encode_into(&sorts[i].msg, exact, cap);
            expect_true(sorts[i].name, got == (cap < need ? 0 : need));
            free(exact);
        }
    }
}

/* However short the payload that already stands. */
static void encoder_answers_0_where_a_standing_chunk_does_not_fit(void **state)
{
    (void)state;
    for (uint16_t payload = 0; payload <= 8; payload++) {
        size_t need = payload + FERRY_CHUNK_OVER;
        for (size_t cap = 0; cap <= need; cap++) {
            uint8_t body[32] = {0};
            struct ferry_msg m = {FERRY_MSG_CHUNK, payload, body + 4, {NULL}, {{1}}};
            assert_int_equal(encode_into(&m, body, cap), cap < need ? 0 : need);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_comes_out_as_it_went_in),
        cmocka_unit_test(a_chunk_begins_with_its_index_big_endian_below_2_to_the_24),
        cmocka_unit_test(a_chunk_of_either_size_can_be_sealed_where_it_stands),
        cmocka_unit_test(an_ack_lies_on_the_wire_as_the_design_says_and_fits_one_value),
        cmocka_unit_test(every_message_fits_the_buffers_that_sessions_have),
        cmocka_unit_test(every_other_length_type_and_direction_is_refused),
        cmocka_unit_test(a_message_of_another_session_is_refused),
        cmocka_unit_test(every_flipped_bit_and_every_truncation_is_refused),
        cmocka_unit_test(encoder_answers_0_where_a_message_does_not_fit),
        cmocka_unit_test(encoder_answers_0_where_a_standing_chunk_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
