/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the engine makes every vector of docs/PROTOCOL.md, and understands it:
 * frames, messages, the envelope. Needs no crypto; other processors run it, too. */
#include "bytes.h"
#include "crc.h"
#include "frame.h"
#include "verify.h"
#include "wire.h"

/* ---- frames ---------------------------------------------------------------------- */

static void every_crc_vector_is_the_engines_crc(void **state)
{
    (void)state;
    for (unsigned i = 0; doc_vector_at(i) != NULL; i++) {
        const struct doc_vector *v = doc_vector_at(i);
        if (strncmp(v->name, "crc-", 4) == 0) {
            const struct doc_field *run = doc_field(v, "run");
            uint16_t init = (uint16_t)doc_number(v, "init");
            want(ferry_crc16(init, run->bytes, run->len) == doc_number(v, "crc"),
                 v->name);
        }
    }
}

/* Decode with the engine, `piece` bytes at a time. */
static size_t unframe(const uint8_t *bytes, size_t len, size_t piece, uint8_t *body)
{
    uint8_t ctl[DOC_BYTES], chunk[DOC_BYTES];
    struct ferry_frame_in in = {.ctl = ctl, .chunk = chunk};
    size_t got = 0;

    ferry_frame_in_reset(&in);
    in.ctl_cap = sizeof ctl;
    in.chunk_cap = sizeof chunk;
    for (size_t off = 0; off < len; off += piece) {
        const uint8_t *p = bytes + off;
        size_t left = len - off < piece ? len - off : piece;
        enum ferry_frame_event ev;
        while ((ev = ferry_frame_in(&in, &p, &left)) != FERRY_FRAME_NONE) {
            assert_int_equal(ev, FERRY_FRAME_WHOLE);
            assert_int_equal(got, 0);
            got = in.len;
            memcpy(body, in.to, got);
        }
    }
    return got;
}

static void every_cobs_vector_is_written_and_read_by_the_engine(void **state)
{
    unsigned seen = 0;

    (void)state;
    for (unsigned i = 0; doc_vector_at(i) != NULL; i++) {
        const struct doc_vector *v = doc_vector_at(i);
        uint8_t out[DOC_BYTES];
        if (strncmp(v->name, "cobs-", 5) != 0) {
            continue;
        }
        const struct doc_field *body = doc_field(v, "body");
        const struct doc_field *wire = doc_field(v, "wire");
        seen++;
        want(wire_frame(body->bytes, body->len, false, out, sizeof out) == wire->len,
             v->name);
        assert_memory_equal(out, wire->bytes, wire->len);
        for (size_t piece = 1; piece <= wire->len; piece++) {
            want(unframe(wire->bytes, wire->len, piece, out) == body->len, v->name);
            assert_memory_equal(out, body->bytes, body->len);
        }
    }
    assert_true(seen >= 6);
}

static void a_full_last_group_may_be_followed_by_a_code_byte(void **state)
{
    const struct doc_field *body = doc_field(doc_vector("cobs-254"), "body");
    uint8_t bytes[300], out[DOC_BYTES];

    (void)state;
    size_t len = wire_frame(body->bytes, body->len, false, bytes, sizeof bytes);
    memcpy(bytes + len - 1, "\x01\x00", 2);
    assert_int_equal(unframe(bytes, len + 1, 7, out), body->len);
    assert_memory_equal(out, body->bytes, body->len);
}

/* ---- messages -------------------------------------------------------------------- */

static uint16_t tag_of(const struct doc_vector *v)
{
    bool open = strcmp(v->name, "HELLO") == 0 || strcmp(v->name, "INFO") == 0;

    return open ? 0xFFFF : (uint16_t)doc_number(doc_vector("tag"), "tag");
}

static void the_engine_makes_every_message_vector_from_its_fields(void **state)
{
    (void)state;
    for (const struct wire_name *n = wire_names; n->name != NULL; n++) {
        const struct doc_vector *v = doc_vector(n->name);
        const struct doc_field *wire = doc_field(v, "wire");
        uint8_t body[DOC_BYTES], out[DOC_BYTES];
        struct ferry_msg m;

        wire_build(v, &m);
        size_t len = wire_encode(&m, body, sizeof body, tag_of(v));
        want(len >= 3, n->name);
        want(ferry_le(body + len - 2, 2) == doc_number(v, "crc"), n->name);
        want(wire_frame(body, len, n->lead, out, sizeof out) == wire->len, n->name);
        assert_memory_equal(out, wire->bytes, wire->len);
    }
}

static void the_engine_reads_every_message_vector_back(void **state)
{
    (void)state;
    for (const struct wire_name *n = wire_names; n->name != NULL; n++) {
        const struct doc_vector *v = doc_vector(n->name);
        const struct doc_field *wire = doc_field(v, "wire");
        uint8_t body[DOC_BYTES];
        struct ferry_msg m;

        size_t len = unframe(wire->bytes, wire->len, 20, body);
        want(wire_decode(&m, body, len, tag_of(v)) == 0, n->name);
        wire_expect(v, &m);
        want(wire_decode(&m, body, len, (uint16_t)(tag_of(v) ^ 1U)) == FERRY_E_PROTO ||
                 tag_of(v) == 0xFFFF,
             n->name);
    }
}

/* ---- the envelope ---------------------------------------------------------------- */

static void the_envelope_vector_opens_and_is_made_again_from_its_manifest(void **state)
{
    const struct doc_vector *v = doc_vector("envelope");
    const struct doc_field *env = doc_field(v, "envelope");
    const struct doc_field *payload = doc_field(v, "payload");
    const struct doc_field *tbs = doc_field(v, "tbs");
    const struct ferry_key keys[FERRY_KEY_SLOTS] = {{FERRY_ALG_ED25519, {1}}};
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX] = {0}, again[255];
    uint8_t *at = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;
    struct ferry_manifest m;

    (void)state;
    memcpy(at, env->bytes, env->len);
    assert_int_equal(ferry_envelope_len(at), env->len);
    assert_int_equal(ferry_verify_form(keys, at, env->len, &e), 0);
    assert_int_equal(e.payload_len, payload->len);
    assert_memory_equal(e.payload, payload->bytes, payload->len);
    assert_memory_equal(e.sig, doc_field(v, "signature")->bytes, FERRY_SIG_LEN);
    assert_int_equal(ferry_tbs_make(at), tbs->len);
    assert_memory_equal(room, tbs->bytes, tbs->len);
    ferry_tbs_undo(at);

    assert_int_equal(
        ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_DEVICE), 0);
    ferry_manifest_info(&m, e.payload, e.payload_len);
    assert_int_equal(m.length, 5000);
    assert_int_equal(m.version, 0x01020003);
    assert_memory_equal(
        m.blocks, doc_field(doc_vector("block-table"), "table_sha256")->bytes, 32);
    assert_int_equal(ferry_manifest_encode(&m, again, sizeof again), payload->len);
    assert_memory_equal(again, payload->bytes, payload->len);
    memset(room, 0, sizeof room);
    memcpy(at + FERRY_ENVELOPE_HEAD, again, payload->len);
    assert_int_equal(ferry_envelope_frame(at, payload->len, FERRY_ALG_ED25519, 0),
                     env->len);
    assert_memory_equal(at, env->bytes, env->len - FERRY_SIG_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_crc_vector_is_the_engines_crc),
        cmocka_unit_test(every_cobs_vector_is_written_and_read_by_the_engine),
        cmocka_unit_test(a_full_last_group_may_be_followed_by_a_code_byte),
        cmocka_unit_test(the_engine_makes_every_message_vector_from_its_fields),
        cmocka_unit_test(the_engine_reads_every_message_vector_back),
        cmocka_unit_test(the_envelope_vector_opens_and_is_made_again_from_its_manifest),
    };

    return cmocka_run_group_tests(tests, doc_open, NULL);
}
