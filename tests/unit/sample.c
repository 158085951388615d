/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows one good update by heart, byte for byte, and the secret keys it is signed
 * with. Knows nothing of what the tests do to it. */
#include "sample.h"

#include <stdlib.h>

#include "check.h"
#include "crypto_sodium.h"
#include "verify.h"

/* ---- the manifest ---------------------------------------------------------------- */

#define CLASS "16*C1"
#define SHA256 "16*A0 15*A1 A2"
#define BLOCKS "B0 30*B1 B2"
#define DEVICE "15*D0 D1"
#define BASE "16*E0"

static void add(struct sample_map *m, const char *hex)
{
    uint8_t pair[48];
    size_t len = unhex(hex, pair);

    sample_map_insert(m, m->count, pair, len);
}

static void add_all(struct sample_map *m, bool optional)
{
    m->count = 0;
    add(m, "00 01");
    add(m, "01 50 " CLASS);
    add(m, "02 01");
    add(m, "03 04");
    add(m, "04 1A 01 02 00 03");
    add(m, "05 18 2A");
    add(m, "06 1A 00 03 20 00");
    add(m, "07 58 20 " SHA256);
    add(m, "08 1A 00 04 10 00");
    if (optional) {
        add(m, "09 1A 01 00 00 00");
        add(m, "0A 01");
        add(m, "0B 19 30 00");
        add(m, "0C 58 20 32*AC");
        add(m, "0D 50 " BASE);
    }
    add(m, "0E 58 20 " BLOCKS);
    if (optional) {
        add(m, "0F 50 " DEVICE);
    }
}

void sample_map_required(struct sample_map *m)
{
    add_all(m, false);
}

void sample_map_all(struct sample_map *m)
{
    add_all(m, true);
}

void sample_map_insert(struct sample_map *m, unsigned place, const void *pair,
                       size_t len)
{
    assert_true(m->count < COUNT(m->pair) && place <= m->count);
    assert_true(len <= sizeof m->pair[0].bytes);
    memmove(&m->pair[place + 1], &m->pair[place],
            (m->count - place) * sizeof m->pair[0]);
    memcpy(m->pair[place].bytes, pair, len);
    m->pair[place].len = len;
    m->count++;
}

void sample_map_drop(struct sample_map *m, unsigned place)
{
    m->count--;
    memmove(&m->pair[place], &m->pair[place + 1],
            (m->count - place) * sizeof m->pair[0]);
}

size_t sample_map_write(const struct sample_map *m, uint8_t *payload)
{
    size_t n = 0;

    if (m->count > 23) {
        payload[n++] = 0xB8;
        payload[n++] = (uint8_t)m->count;
    } else {
        payload[n++] = (uint8_t)(0xA0U + m->count);
    }
    for (unsigned i = 0; i < m->count; i++) {
        assert_true(n + m->pair[i].len <= FERRY_PAYLOAD_MAX);
        memcpy(payload + n, m->pair[i].bytes, m->pair[i].len);
        n += m->pair[i].len;
    }
    return n;
}

/* The strings of the sample, decoded. */
static uint8_t class_id[16], sha256[32], blocks[32], device_id[16], base[16];

static void read_strings(void)
{
    unhex(CLASS, class_id);
    unhex(SHA256, sha256);
    unhex(BLOCKS, blocks);
    unhex(DEVICE, device_id);
    unhex(BASE, base);
}

void sample_manifest(struct ferry_manifest *m)
{
    read_strings();
    memset(m, 0, sizeof *m);
    m->has = 0x41FF; /* keys 0..8 and 14 */
    m->type = FERRY_TYPE_IMAGE;
    m->class_id = class_id;
    m->hw_min = 1;
    m->hw_max = 4;
    m->version = SAMPLE_VERSION;
    m->sec_ctr = SAMPLE_SEC_CTR;
    m->length = SAMPLE_LENGTH;
    m->sha256 = sha256;
    m->link = SAMPLE_LINK;
    m->blocks = blocks;
}

/* ---- the envelope ---------------------------------------------------------------- */

static void pair_of(uint8_t slot, uint8_t *pk, uint8_t *sk)
{
    uint8_t seed[crypto_sign_SEEDBYTES];

    memset(seed, 0x51 + slot, sizeof seed);
    assert_true(sodium_init() >= 0);
    assert_int_equal(crypto_sign_seed_keypair(pk, sk, seed), 0);
}

const struct ferry_key *sample_keys(void)
{
    static struct ferry_key keys[FERRY_KEY_SLOTS + 1]; /* none may use the last */
    uint8_t sk[crypto_sign_SECRETKEYBYTES];

    if (keys[0].alg != FERRY_ALG_NONE) {
        return keys;
    }
    for (uint8_t slot = 0; slot < COUNT(keys); slot++) {
        keys[slot].alg = FERRY_ALG_ED25519;
        pair_of(slot, keys[slot].key, sk);
    }
    memset(&keys[5], 0, sizeof keys[5]);
    keys[4].alg = FERRY_ALG_ES256;
    memset(keys[3].key, 0, sizeof keys[3].key);
    keys[6].alg = FERRY_ALG_NONE;
    return keys;
}

uint8_t *sample_env(struct sample *s)
{
    return s->room + FERRY_TBS_SPARE;
}

void sample_sign(struct sample *s, uint8_t slot)
{
    uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
    uint8_t *env = sample_env(s);
    size_t tbs_len = ferry_tbs_make(env);

    pair_of(slot, pk, sk);
    crypto_sign_detached(env + s->len - FERRY_SIG_LEN, NULL, env - FERRY_TBS_SPARE,
                         tbs_len, sk);
    ferry_tbs_undo(env);
}

void sample_wrap(struct sample *s, const uint8_t *payload, size_t len, uint8_t slot)
{
    assert_true(len >= FERRY_PAYLOAD_MIN && len <= FERRY_PAYLOAD_MAX);
    memcpy(sample_env(s) + FERRY_ENVELOPE_HEAD, payload, len);
    s->len = ferry_envelope_frame(sample_env(s), len, FERRY_ALG_ED25519, slot);
    sample_sign(s, slot);
}

void sample_envelope(struct sample *s)
{
    struct sample_map map;
    uint8_t payload[FERRY_PAYLOAD_MAX];

    sample_map_required(&map);
    sample_wrap(s, payload, sample_map_write(&map, payload), SAMPLE_SLOT);
}

int sample_accepts(const uint8_t *env, size_t len)
{
    struct ferry_sodium sodium = {0};
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    const struct ferry_key *keys = sample_keys();
    struct ferry_envelope e;
    struct ferry_manifest m;
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX + 1] = {0};

    memcpy(room + FERRY_TBS_SPARE, env, len);
    uint8_t *copy = exact_copy(room, FERRY_TBS_SPARE + len);
    uint8_t *at = copy + FERRY_TBS_SPARE;
    int err = ferry_verify_form(keys, at, len, &e);
    if (err == 0) {
        err = ferry_verify_ask(&crypto, keys, at, &e);
    }
    if (err == 0) {
        err = ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_DEVICE);
    }
    free(copy);
    return err;
}

/* ---- a device -------------------------------------------------------------------- */

void sample_identity(struct ferry_identity *id)
{
    read_strings();
    memset(id, 0, sizeof *id);
    memcpy(id->class_id, class_id, sizeof id->class_id);
    memcpy(id->device_id, device_id, sizeof id->device_id);
    id->hw_rev = 2;
    id->boot_caps = FERRY_CAP_EDDSA | FERRY_CAP_KEY_DEVICE;
    id->keys = sample_keys();
}

void sample_running(struct ferry_boot_state *now)
{
    read_strings();
    memset(now, 0, sizeof *now);
    now->slot = SAMPLE_SLOT;
    now->version = SAMPLE_VERSION - 1;
    memset(now->digest, 0x99, sizeof now->digest);
    memcpy(now->image_hash, base, sizeof now->image_hash);
    now->floor = (uint32_t)SAMPLE_SLOT << 24 | (SAMPLE_SEC_CTR - 2);
}
