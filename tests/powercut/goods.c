/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the releases of a life follow each other. Does not know what becomes of
 * them. */
#include "goods.h"

#include <sodium.h>
#include <string.h>

#include "rng.h"

#define IMAGE_MAX (256U * 1024U)

/* The third comes back twice: from a trial of the fourth that fails, and from the fifth,
 * which falls ill after its confirm; so neither raises the floor. */
static const struct {
    uint32_t version, sec_ctr;
    uint8_t bank;
} lineage[GOODS] = {
    {0x01000000, 5, 0}, {0x01010000, 7, 1}, {0x01020000, 9, 0},
    {0x01030000, 9, 1}, {0x01040000, 9, 1},
};

static struct {
    struct artifact_bytes artifact;
    uint8_t bytes[IMAGE_MAX + 4096U + FERRY_ENVELOPE_MAX];
    uint8_t digest[FERRY_HASH_LEN];
} goods[GOODS];

static void make(int i, uint32_t len, bool toy)
{
    static uint8_t image[IMAGE_MAX];
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint64_t rng = lineage[i].version + 0x9E3779B97F4A7C15ULL;
    struct release r;

    for (uint32_t n = 0; n < len; n++) {
        image[n] = (uint8_t)(rng_next(&rng) >> 32);
    }
    release_default(&r);
    r.version = lineage[i].version;
    r.sec_ctr = lineage[i].sec_ctr;
    r.link = lineage[i].bank * 0x80000U + 0x1000U;
    r.toy = toy;
    goods[i].artifact.bytes = goods[i].bytes;
    goods[i].artifact.len = release_make(&r, image, len, goods[i].bytes);
    memcpy(room + FERRY_TBS_SPARE, goods[i].bytes, FERRY_ENVELOPE_MAX);
    crypto_hash_sha256(goods[i].digest, room, ferry_tbs_make(room + FERRY_TBS_SPARE));
}

void goods_make(uint32_t image_len, bool toy)
{
    for (int i = 0; i < GOODS; i++) {
        make(i, image_len - 4U * (uint32_t)i, toy);
    }
}

const struct artifact_bytes *goods_artifact(int i)
{
    return &goods[i].artifact;
}

const uint8_t *goods_digest(int i)
{
    return goods[i].digest;
}

uint32_t goods_version(int i)
{
    return lineage[i].version;
}

int goods_bank(int i)
{
    return lineage[i].bank;
}
