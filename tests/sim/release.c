/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to sign with the simulation's keys. Does not know devices. */
#include "release.h"

#include <sodium.h>
#include <string.h>

#include "toy.h"

#define IMAGE_MAX (1024U * 1024U)

static const uint8_t class_id[16] = {0x7C, 0xD1, 0x2F, 0x5A, 0x0B, 0x5E, 0x5A, 0x77,
                                     0x9E, 0x3B, 0x50, 0x4C, 0x16, 0xE1, 0x0F, 0x42};

void release_default(struct release *r)
{
    memset(r, 0, sizeof *r);
    memcpy(r->class_id, class_id, sizeof class_id);
    r->hw_min = 2;
    r->hw_max = 5;
    r->version = 0x01010000;
    r->sec_ctr = 7;
    r->link = 0x00081000;
}

static void key_pair(uint8_t signer, uint8_t pk[32], uint8_t sk[64])
{
    uint8_t seed[32];

    memset(seed, 0x40 + signer, sizeof seed);
    crypto_sign_seed_keypair(pk, sk, seed);
}

void release_keys(struct ferry_key keys[FERRY_KEY_SLOTS])
{
    static const uint8_t used[] = {0, 1, FERRY_SLOT_RECOVERY};
    uint8_t sk[64];

    memset(keys, 0, FERRY_KEY_SLOTS * sizeof keys[0]);
    for (size_t i = 0; i < sizeof used; i++) {
        keys[used[i]].alg = FERRY_ALG_ED25519;
        key_pair(used[i], keys[used[i]].key, sk);
    }
}

size_t release_room(size_t image_len)
{
    return FERRY_ENVELOPE_MAX + ferry_table_len((uint32_t)image_len) + image_len;
}

int release_toy_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                       const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    uint8_t want[64];

    (void)ctx;
    (void)slot;
    toy_sign(key->key, msg, msg_len, want);
    return memcmp(sig, want, sizeof want) == 0 ? FERRY_VALID : FERRY_E_SIG;
}

static size_t sign(const uint8_t *payload, size_t len, uint8_t slot, uint8_t signer,
                   bool toy, uint8_t *env)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX] = {0};
    uint8_t pk[32], sk[64];
    uint8_t *at = room + FERRY_TBS_SPARE;

    memcpy(at + FERRY_ENVELOPE_HEAD, payload, len);
    size_t env_len = ferry_envelope_frame(at, len, FERRY_ALG_ED25519, slot);
    uint8_t *sig = at + env_len - FERRY_SIG_LEN;
    key_pair(signer, pk, sk);
    size_t tbs = ferry_tbs_make(at);
    if (toy) {
        toy_sign(pk, room, tbs, sig);
    } else {
        crypto_sign_detached(sig, NULL, room, tbs, sk);
    }
    ferry_tbs_undo(at);
    memcpy(env, at, env_len);
    return env_len;
}

size_t release_sign(const uint8_t *payload, size_t len, uint8_t slot, uint8_t signer,
                    uint8_t *env)
{
    return sign(payload, len, slot, signer, false, env);
}

void release_manifest(const struct release *r, const uint8_t *table, size_t table_len,
                      const uint8_t *image, uint32_t image_len,
                      struct release_hashes *hashes, struct ferry_manifest *m)
{
    crypto_hash_sha256(hashes->table, table, table_len);
    crypto_hash_sha256(hashes->image, image, image_len > IMAGE_MAX ? 0 : image_len);
    hashes->image[31] ^= r->untrue;
    memset(m, 0, sizeof *m);
    m->has = UINT32_C(1) << FERRY_KEY_TYPE | UINT32_C(1) << FERRY_KEY_CLASS |
             UINT32_C(1) << FERRY_KEY_HW_MIN | UINT32_C(1) << FERRY_KEY_HW_MAX |
             UINT32_C(1) << FERRY_KEY_VERSION | UINT32_C(1) << FERRY_KEY_SEC_CTR |
             UINT32_C(1) << FERRY_KEY_LENGTH | UINT32_C(1) << FERRY_KEY_SHA256 |
             UINT32_C(1) << FERRY_KEY_LINK | UINT32_C(1) << FERRY_KEY_BLOCKS;
    m->type = FERRY_TYPE_IMAGE;
    m->class_id = r->class_id;
    m->hw_min = r->hw_min;
    m->hw_max = r->hw_max;
    m->version = r->version;
    m->sec_ctr = r->sec_ctr;
    m->length = image_len;
    m->sha256 = hashes->image;
    m->blocks = hashes->table;
    m->link = r->link;
    if (r->min_from != 0) {
        m->has |= UINT32_C(1) << FERRY_KEY_MIN_FROM;
        m->min_from = r->min_from;
    }
    if (r->device != NULL) {
        m->has |= UINT32_C(1) << FERRY_KEY_DEVICE;
        m->device = r->device;
    }
}

static size_t table_make(const uint8_t *image, uint32_t len, uint8_t *table)
{
    uint8_t hash[FERRY_HASH_LEN];
    size_t n = 0;

    for (uint32_t off = 0; off < len; off += FERRY_BLOCK_LEN) {
        uint32_t part = len - off < FERRY_BLOCK_LEN ? len - off : FERRY_BLOCK_LEN;
        crypto_hash_sha256(hash, image + off, part);
        memcpy(table + n, hash, FERRY_BLOCK_HASH_LEN);
        n += FERRY_BLOCK_HASH_LEN;
    }
    return n;
}

size_t release_make(const struct release *r, const uint8_t *image, uint32_t image_len,
                    uint8_t *artifact)
{
    uint8_t table[IMAGE_MAX / FERRY_BLOCK_LEN * FERRY_BLOCK_HASH_LEN];
    uint8_t payload[FERRY_PAYLOAD_MAX];
    struct release_hashes hashes;
    struct ferry_manifest m;
    uint32_t present = image_len > IMAGE_MAX ? 0 : image_len;

    size_t table_len = table_make(image, present, table);
    release_manifest(r, table, table_len, image, image_len, &hashes, &m);
    size_t len = ferry_manifest_encode(&m, payload, sizeof payload);
    len = sign(payload, len, r->slot, r->signer, r->toy, artifact);
    memcpy(artifact + len, table, table_len);
    memcpy(artifact + len + table_len, image, present);
    return len + table_len + present;
}
