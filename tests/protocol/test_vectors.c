/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the engine makes every vector of docs/PROTOCOL.md, and understands it. */
#include <sodium.h>

#include "crc.h"
#include "crypto_sodium.h"
#include "ferry/courier.h"
#include "frame.h"
#include "verify.h"
#include "wire.h"
#include "world.h"

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
        want((uint32_t)(body[len - 2] | body[len - 1] << 8) == doc_number(v, "crc"),
             n->name);
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

/* ---- both ends, as they are ------------------------------------------------------ */

static struct world world;
static uint8_t artifact[6000];
static size_t artifact_len;

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    (void)ctx;
    (void)which;
    memcpy(buf, artifact + off, len);
    return off + len <= artifact_len ? 0 : -1;
}

static void make_artifact(void)
{
    const struct doc_field *env = doc_field(doc_vector("envelope"), "envelope");
    const struct doc_field *table = doc_field(doc_vector("block-table"), "table");

    artifact_len = 0;
    memcpy(artifact, env->bytes, env->len);
    memcpy(artifact + env->len, table->bytes, table->len);
    artifact_len = env->len + table->len;
    for (uint32_t i = 0; i < doc_number(doc_vector("block-table"), "image_len"); i++) {
        artifact[artifact_len++] = (uint8_t)(31 * i + 7 * (i / 256));
    }
}

/* A device as the INFO vector describes it, which holds the published key. */
static void make_world(void)
{
    const struct doc_field *key = doc_field(doc_vector("envelope"), "public_key");
    struct world_options o;

    world_defaults(&o);
    o.pool_chunks = (uint16_t)doc_number(doc_vector("INFO"), "window");
    world_init(&world, &o);
    world.identity.boot_caps = doc_number(doc_vector("INFO"), "boot_caps");
    memcpy(world.keys[0].key, key->bytes, 32);
    make_artifact();
}

static void expect_output(const char *name, const uint8_t *got, size_t len)
{
    const struct doc_field *wire = doc_field(doc_vector(name), "wire");

    want(len == wire->len, name);
    assert_memory_equal(got, wire->bytes, len);
}

static void a_courier_and_a_device_say_the_vectors_byte_for_byte(void **state)
{
    struct ferry_courier_config cfg = {.read = read_artifact, .artifacts = 1};
    static struct ferry_courier c;
    uint8_t out[256];

    (void)state;
    make_world();
    cfg.value_max = (uint16_t)doc_number(doc_vector("HELLO"), "value_max");
    memcpy(cfg.nonce, doc_field(doc_vector("HELLO"), "nonce")->bytes, 4);
    assert_int_equal(ferry_courier_init(&c, &cfg, 0), 0);
    ferry_courier_link(&c, true, 0);
    ferry_device_link(&world.device, true, 0);

    size_t n = ferry_courier_output(&c, out, sizeof out, 0);
    expect_output("HELLO", out, n);
    ferry_device_input(&world.device, out, n, 0);
    n = ferry_device_output(&world.device, out, sizeof out, 0);
    expect_output("INFO", out, n);
    ferry_courier_input(&c, out, n, 0);
    assert_int_equal(ferry_courier_state(&c), FERRY_COURIER_OFFER);

    size_t first = 7 + 48 + 2; /* the first piece; the vector is the second */
    n = ferry_courier_output(&c, out, first, 0);
    assert_int_equal(n, first);
    n = ferry_courier_output(&c, out, doc_field(doc_vector("OFFER"), "wire")->len, 0);
    expect_output("OFFER", out, n);
    ferry_courier_abort(&c, 0);
    n = ferry_courier_output(&c, out, sizeof out, 0);
    expect_output("ABORT", out, n);
}

static void a_courier_asks_the_question_of_the_vector_before_it_offers(void **state)
{
    struct ferry_courier_config cfg = {.read = read_artifact, .artifacts = 1};
    static struct ferry_courier c;
    uint8_t out[256];

    (void)state;
    make_artifact();
    cfg.value_max = 244;
    memcpy(cfg.nonce, doc_field(doc_vector("HELLO"), "nonce")->bytes, 4);
    cfg.report_nonce = doc_field(doc_vector("REPORT"), "nonce")->bytes;
    assert_int_equal(ferry_courier_init(&c, &cfg, 0), 0);
    ferry_courier_link(&c, true, 0);
    expect_output("HELLO", out, ferry_courier_output(&c, out, sizeof out, 0));
    const struct doc_field *info = doc_field(doc_vector("INFO"), "wire");
    ferry_courier_input(&c, info->bytes, info->len, 0);
    expect_output("REPORT", out, ferry_courier_output(&c, out, sizeof out, 0));
}

static void
a_device_takes_the_artifact_vector_and_lays_it_out_as_documented(void **state)
{
    struct artifact_bytes a = {artifact, 0};
    const struct doc_field *env = doc_field(doc_vector("envelope"), "envelope");
    const struct doc_field *table = doc_field(doc_vector("block-table"), "table");
    static struct doc_table t;

    (void)state;
    make_world();
    a.len = artifact_len;
    world_courier(&world, &a, 1);
    world_connect(&world);
    assert_true(world_finish(&world, 60000));
    assert_int_equal(ferry_courier_error(&world.courier), 0);
    const struct doc_field *digest = doc_field(doc_vector("envelope"), "digest");
    assert_memory_equal(world.boot.ticket.digest, digest->bytes, 32);

    const uint8_t *bank = world.flash.bytes + world.map.bank[1].addr;
    doc_table("## 10 The bank (frozen)", "| offset | content |", &t);
    assert_int_equal(t.rows, 3);
    assert_memory_equal(bank + doc_cell_number(&t, 0, 0), env->bytes, env->len);
    assert_memory_equal(bank + doc_cell_number(&t, 1, 0), table->bytes, table->len);
    assert_string_equal(t.cell[2][0], "header_len");
    assert_memory_equal(bank + world.map.header_len, artifact + env->len + table->len,
                        artifact_len - env->len - table->len);
}

/* ---- the artifact ---------------------------------------------------------------- */

static void the_block_table_vector_is_the_images(void **state)
{
    const struct doc_vector *v = doc_vector("block-table");
    const struct doc_field *table = doc_field(v, "table");
    uint32_t len = doc_number(v, "image_len");
    uint8_t hash[32];

    (void)state;
    make_artifact();
    const uint8_t *image = artifact + artifact_len - len;
    assert_int_equal(table->len, ferry_table_len(len));
    for (uint32_t off = 0; off < len; off += FERRY_BLOCK_LEN) {
        crypto_hash_sha256(hash, image + off, len - off < 4096 ? len - off : 4096);
        assert_memory_equal(table->bytes + off / 4096 * 16, hash, 16);
    }
    crypto_hash_sha256(hash, table->bytes, table->len);
    assert_memory_equal(hash, doc_field(v, "table_sha256")->bytes, 32);
    crypto_hash_sha256(hash, image, len);
    assert_memory_equal(hash, doc_field(v, "image_sha256")->bytes, 32);
    crypto_hash_sha256(hash, artifact, artifact_len);
    assert_memory_equal(hash, doc_field(doc_vector("artifact"), "sha256")->bytes, 32);
    assert_int_equal(artifact_len, doc_number(doc_vector("artifact"), "length"));
}

static void
the_envelope_vector_opens_verifies_and_is_made_again_from_its_manifest(void **state)
{
    const struct doc_vector *v = doc_vector("envelope");
    const struct doc_field *env = doc_field(v, "envelope");
    const struct doc_field *payload = doc_field(v, "payload");
    const struct doc_field *tbs = doc_field(v, "tbs");
    struct ferry_sodium sodium;
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    struct ferry_key keys[FERRY_KEY_SLOTS] = {{FERRY_ALG_ED25519, {0}}};
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX] = {0}, again[255], digest[32];
    uint8_t *at = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;
    struct ferry_manifest m;

    (void)state;
    memcpy(keys[0].key, doc_field(v, "public_key")->bytes, 32);
    memcpy(at, env->bytes, env->len);
    assert_int_equal(ferry_envelope_len(at), env->len);
    assert_int_equal(ferry_verify_form(keys, at, env->len, &e), 0);
    assert_int_equal(e.payload_len, payload->len);
    assert_memory_equal(e.payload, payload->bytes, payload->len);
    assert_memory_equal(e.sig, doc_field(v, "signature")->bytes, FERRY_SIG_LEN);
    ferry_verify_digest(&crypto, at, digest);
    assert_memory_equal(digest, doc_field(v, "digest")->bytes, 32);
    assert_int_equal(ferry_verify_ask(&crypto, keys, at, &e), 0);
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
        cmocka_unit_test(a_courier_and_a_device_say_the_vectors_byte_for_byte),
        cmocka_unit_test(a_courier_asks_the_question_of_the_vector_before_it_offers),
        cmocka_unit_test(
            a_device_takes_the_artifact_vector_and_lays_it_out_as_documented),
        cmocka_unit_test(the_block_table_vector_is_the_images),
        cmocka_unit_test(
            the_envelope_vector_opens_verifies_and_is_made_again_from_its_manifest),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, doc_open, NULL);
}
