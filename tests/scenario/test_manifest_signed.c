/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests manifests that are wrong and genuinely signed, as a signer's mistake would be:
 * every prefix, every bit, every length. The device answers with the parser's code, or
 * policy's, and its flash hears nothing of it. And that no byte outside what is signed
 * decides anything. */
#include "scene.h"

#include "peer.h"
#include "verify.h"

static struct cargo cargo;

/* ---- offering a payload ---------------------------------------------------------- */

/* Just started, and confirmed: clean starts are free. */
static struct world *device(struct peer *p)
{
    struct world *w = scene_now();

    w->boot.state.begins = 0;
    ferry_device_init(&w->device, &w->device_cfg, w->now);
    peer_init(p, w, 1);
    peer_hello(p);
    assert_int_equal(p->infos, 1);
    return w;
}

/* What the parser says of it, whoever signed. */
static int parsed(const uint8_t *payload, size_t len)
{
    struct ferry_manifest m;

    return ferry_manifest_parse(&m, payload, len, FERRY_READER_DEVICE);
}

/* Signed as it is, and offered: refused with the parser's code, or by policy, without a
 * flash operation; or accepted, where both have nothing against it. */
static int offer(const char *name, const uint8_t *payload, size_t len)
{
    uint8_t env[FERRY_ENVELOPE_MAX];
    struct peer p;
    struct world *w = device(&p);
    uint32_t ops = flash_ops(w);

    size_t env_len = release_sign(payload, len, 0, 0, env);
    peer_offer(&p, env, env_len);
    expect_true(name, p.verdicts == 1);
    int err = -(int)p.verdict.u.verdict.code;
    int parser = parsed(payload, len);
    if (p.verdict.u.verdict.kind == FERRY_VERDICT_ACCEPT) {
        expect_err(name, parser, 0);
        return 0;
    }
    expect_true(name, p.verdict.u.verdict.kind == FERRY_VERDICT_REFUSE);
    expect_true(name, flash_ops(w) == ops);
    if (parser != 0) {
        expect_err(name, err, parser);
    } else {
        expect_true(name, err <= FERRY_E_CLASS && err >= FERRY_E_TOMBSTONE);
    }
    return err;
}

static size_t good_payload(uint8_t payload[FERRY_PAYLOAD_MAX])
{
    struct ferry_envelope e;

    plain_scene();
    cargo_make(&cargo, NULL, BLOCK, 151);
    assert_int_equal(ferry_envelope_open(&e, cargo.env, cargo.env_len), 0);
    memcpy(payload, e.payload, e.payload_len);
    return e.payload_len;
}

/* ---- prefixes, bits, lengths ----------------------------------------------------- */

static void every_signed_prefix_of_a_manifest_is_refused(void **state)
{
    uint8_t payload[FERRY_PAYLOAD_MAX];

    (void)state;
    size_t len = good_payload(payload);
    for (size_t n = FERRY_PAYLOAD_MIN; n < len; n++) {
        expect_err(round_name("cut to", (uint32_t)n), offer("cut", payload, n),
                   FERRY_E_CBOR);
    }
    expect_err("whole", offer("whole", payload, len), 0);
}

static void every_signed_bit_flip_of_a_manifest_yields_its_code(void **state)
{
    uint8_t payload[FERRY_PAYLOAD_MAX];
    unsigned refused = 0, accepted = 0;

    (void)state;
    size_t len = good_payload(payload);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
        int err = offer(round_name("bit", (uint32_t)bit), payload, len);
        refused += err != 0;
        accepted += err == 0;
        payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    /* What is accepted differs in a hash, an upper version or a harmless range. */
    assert_in_range(accepted, 2 * 8 * 32, 2 * 8 * 32 + 80);
    assert_true(refused > 300);
}

/* A definite string's shortest head for this length. */
static size_t string_head(uint8_t *at, uint32_t len)
{
    if (len < 24) {
        at[0] = (uint8_t)(0x40 + len);
        return 1;
    }
    unsigned bytes = len < 0x100 ? 1 : len < 0x10000 ? 2 : 4;
    at[0] = (uint8_t)(bytes == 1 ? 0x58 : bytes == 2 ? 0x59 : 0x5A);
    for (unsigned i = 0; i < bytes; i++) {
        at[1 + i] = (uint8_t)(len >> 8 * (bytes - 1 - i));
    }
    return 1 + bytes;
}

/* The string at `at` (its head and `was` bytes) gets the head of another length, and as
 * many of its bytes as there are, up to `present`. */
static size_t bend_string(uint8_t *payload, size_t len, size_t at, uint32_t was,
                          uint32_t claims, uint32_t present)
{
    uint8_t bent[2 * FERRY_PAYLOAD_MAX];
    size_t head = was < 24 ? 1 : 2;

    memcpy(bent, payload, at);
    size_t n = at + string_head(bent + at, claims);
    memset(bent + n, 0xAB, present);
    memcpy(bent + n, payload + at + head, present < was ? present : was);
    n += present;
    size_t rest = len - at - head - was;
    memcpy(bent + n, payload + at + head + was, rest);
    n += rest;
    memcpy(payload, bent, n < FERRY_PAYLOAD_MAX ? n : FERRY_PAYLOAD_MAX);
    return n;
}

/* Class, hash of the image, hash of the table: 0, 1, one less, one more, the most there
 * is room for; and lengths of which hardly a byte is there, up to those that wrap. */
static void every_length_of_every_string_yields_its_code(void **state)
{
    static const uint32_t lengths[] = {
        0,   1,   15,  16,     17,      23,       24,         31,         32,        33,
        100, 255, 256, 0xFFFF, 0x10000, 1U << 31, 0xFFFFFF00, 0xFFFFFFFE, 0xFFFFFFFF};
    static const struct {
        const char *head;
        uint32_t len;
    } strings[] = {{"\x01\x50", 16}, {"\x07\x58", 32}, {"\x0E\x58", 32}};
    uint8_t good[FERRY_PAYLOAD_MAX], payload[FERRY_PAYLOAD_MAX];

    (void)state;
    size_t len = good_payload(good);
    for (size_t s = 0; s < COUNT(strings); s++) {
        size_t at = 0;
        while (memcmp(good + at, strings[s].head, 2) != 0) {
            at++;
        }
        for (size_t i = 0; i < COUNT(lengths); i++) {
            for (unsigned all = 0; all < 2; all++) { /* or as many as there were */
                uint32_t present = all ? lengths[i] : strings[s].len;
                if (present > 140 - (s > 0) * 30) {
                    continue;
                }
                memcpy(payload, good, len);
                size_t n = bend_string(payload, len, at + 1, strings[s].len, lengths[i],
                                       present);
                assert_true(n <= FERRY_PAYLOAD_MAX);
                int err = offer(round_name("length", lengths[i]), payload, n);
                bool right = lengths[i] == strings[s].len;
                expect_true(round_name("length", lengths[i]), right == (err == 0));
                expect_true(round_name("length", lengths[i]),
                            right || !all || err == FERRY_E_TYPE);
            }
        }
    }
}

/* ---- in pieces ------------------------------------------------------------------- */

/* A first piece of every length, then pieces of every length. */
static void an_envelope_cut_in_every_way_gets_the_same_verdict(void **state)
{
    struct peer p;

    (void)state;
    plain_scene();
    cargo_make(&cargo, NULL, BLOCK, 152);
    for (unsigned first = 1; first <= FERRY_PIECE_MAX; first++) {
        for (unsigned then = 1; then <= FERRY_PIECE_MAX; then++) {
            struct ferry_msg m = {.type = FERRY_MSG_OFFER};
            device(&p);
            for (size_t off = 0; off < cargo.env_len; off += m.rest_len) {
                size_t left = cargo.env_len - off;
                size_t n = off == 0 ? first : then;
                m.u.piece.total = (uint16_t)cargo.env_len;
                m.u.piece.off = (uint16_t)off;
                m.rest = cargo.env + off;
                m.rest_len = (uint16_t)(n < left ? n : left);
                peer_say(&p, &m);
            }
            expect_true(round_name("pieces of", first * 100 + then),
                        p.verdict.u.verdict.kind == FERRY_VERDICT_ACCEPT);
        }
    }
}

/* ---- what is not signed ---------------------------------------------------------- */

/* The envelope's constants, its lengths and its signature: any other value of any such
 * byte is refused, and touches no flash. */
static void no_other_value_of_an_unsigned_byte_is_accepted(void **state)
{
    uint8_t bad[FERRY_ENVELOPE_MAX];
    struct peer p;

    (void)state;
    struct world *w = plain_scene();
    cargo_make(&cargo, NULL, BLOCK, 153);
    memcpy(bad, cargo.env, cargo.env_len);
    for (size_t at = 0; at < cargo.env_len; at++) {
        bool is_signed = (at >= 2 && at < 9) || (at >= 12 && at < cargo.env_len - 66);
        for (unsigned add = 1; !is_signed && add < 256; add++) {
            device(&p);
            bad[at] = (uint8_t)(cargo.env[at] + add);
            peer_offer(&p, bad, cargo.env_len);
            const char *name = round_name("byte", (uint32_t)at);
            expect_true(name, p.verdict.u.verdict.kind == FERRY_VERDICT_REFUSE);
            expect_true(name, flash_ops(w) == 0);
        }
        bad[at] = cargo.env[at];
    }
}

/* Ed25519 with another nonce: R = rB, S = r + H(R, A, M) a. As valid as the first. */
static void sign_otherwise(uint8_t *env, size_t env_len, uint8_t slot)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX], seed[32], pk[32], sk[64];
    uint8_t az[64], r[32] = {7, 7, 7}, k[32], hram[64], text[64 + FERRY_TBS_MAX];
    uint8_t *sig = env + env_len - FERRY_SIG_LEN;

    memset(seed, 0x40 + slot, sizeof seed);
    crypto_sign_seed_keypair(pk, sk, seed);
    crypto_hash_sha512(az, seed, sizeof seed);
    az[0] &= 248;
    az[31] = (uint8_t)((az[31] & 63) | 64);
    memcpy(room + FERRY_TBS_SPARE, env, env_len);
    size_t len = ferry_tbs_make(room + FERRY_TBS_SPARE);
    assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(sig, r), 0);
    memcpy(text, sig, 32);
    memcpy(text + 32, pk, 32);
    memcpy(text + 64, room, len);
    crypto_hash_sha512(hram, text, 64 + len);
    crypto_core_ed25519_scalar_reduce(k, hram);
    crypto_core_ed25519_scalar_mul(k, k, az);
    crypto_core_ed25519_scalar_add(sig + 32, k, r);
}

/* It is the same update: no second transfer, no second image. */
static void another_valid_signature_makes_no_other_manifest(void **state)
{
    uint8_t env[FERRY_ENVELOPE_MAX];
    struct peer p;

    (void)state;
    struct world *w = plain_scene();
    cargo_make(&cargo, NULL, 3 * BLOCK, 154);
    memcpy(env, cargo.env, cargo.env_len);
    sign_otherwise(env, cargo.env_len, 0);
    assert_memory_not_equal(env, cargo.env, cargo.env_len);
    peer_init(&p, w, 1);
    peer_begin(&p, &cargo);
    peer_blocks(&p, &cargo, 0, 1);
    uint32_t ops = flash_ops(w);
    peer_offer(&p, env, cargo.env_len);
    assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_ACCEPT);
    assert_int_equal(p.ack.base, 2);
    assert_int_equal(flash_ops(w), ops);
    peer_blocks(&p, &cargo, 2, 3);
    assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTED);
    world_reboot(w);
    peer_init(&p, w, 1);
    peer_hello(&p);
    peer_offer(&p, env, cargo.env_len);
    assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_RUNNING);
    assert_int_equal(w->device.counts.security_events, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_signed_prefix_of_a_manifest_is_refused),
        cmocka_unit_test(every_signed_bit_flip_of_a_manifest_yields_its_code),
        cmocka_unit_test(every_length_of_every_string_yields_its_code),
        cmocka_unit_test(an_envelope_cut_in_every_way_gets_the_same_verdict),
        cmocka_unit_test(no_other_value_of_an_unsigned_byte_is_accepted),
        cmocka_unit_test(another_valid_signature_makes_no_other_manifest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
