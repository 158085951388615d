/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a courier and a device, as they are, say the vectors of docs/PROTOCOL.md
 * byte for byte, and that the artifact of the vectors is genuine. */
#include <sodium.h>

#include "crypto_sodium.h"
#include "doc_table.h"
#include "ferry/courier.h"
#include "verify.h"
#include "wire.h"
#include "world.h"

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

static void the_envelope_vector_is_signed_by_its_key(void **state)
{
    const struct doc_vector *v = doc_vector("envelope");
    const struct doc_field *env = doc_field(v, "envelope");
    struct ferry_sodium sodium;
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    struct ferry_key keys[FERRY_KEY_SLOTS] = {{FERRY_ALG_ED25519, {0}}};
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX] = {0}, digest[32];
    uint8_t *at = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;

    (void)state;
    memcpy(keys[0].key, doc_field(v, "public_key")->bytes, 32);
    memcpy(at, env->bytes, env->len);
    assert_int_equal(ferry_verify_form(keys, at, env->len, &e), 0);
    ferry_verify_digest(&crypto, at, digest);
    assert_memory_equal(digest, doc_field(v, "digest")->bytes, 32);
    assert_int_equal(ferry_verify_ask(&crypto, keys, at, &e), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_courier_and_a_device_say_the_vectors_byte_for_byte),
        cmocka_unit_test(a_courier_asks_the_question_of_the_vector_before_it_offers),
        cmocka_unit_test(
            a_device_takes_the_artifact_vector_and_lays_it_out_as_documented),
        cmocka_unit_test(the_block_table_vector_is_the_images),
        cmocka_unit_test(the_envelope_vector_is_signed_by_its_key),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, doc_open, NULL);
}
