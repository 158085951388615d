/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an image stands in a bank, and by what rules a bootloader may run it, written
 * from docs/PROTOCOL.md a second time. Does not know journals. */
#include "images.h"

#include <sodium.h>
#include <string.h>

#include "ferry/manifest.h"
#include "release.h"

#define IMAGE_MAX (IMAGES_BANK_LEN - IMAGES_HEADER)

/* ---- the device ------------------------------------------------------------------ */

void images_device(struct images_device *d)
{
    static const uint8_t used[] = {0, 1, FERRY_SLOT_RECOVERY};
    struct release r;

    memset(d, 0, sizeof *d);
    release_default(&r);
    memcpy(d->identity.class_id, r.class_id, sizeof r.class_id);
    memset(d->identity.device_id, 0x1D, sizeof d->identity.device_id);
    d->identity.hw_rev = 3;
    d->identity.boot_caps = FERRY_CAP_EDDSA | FERRY_CAP_KEY_DEVICE;
    d->identity.keys = d->keys;
    for (size_t i = 0; i < sizeof used; i++) {
        d->keys[used[i]].alg = FERRY_ALG_ED25519;
        d->keys[used[i]].key[0] = (uint8_t)(used[i] + 1U);
    }
    d->map.header_len = IMAGES_HEADER;
    for (unsigned i = 0; i < 2; i++) {
        d->map.bank[i] = (struct ferry_area){i * IMAGES_BANK_LEN, IMAGES_BANK_LEN};
        d->map.link[i] = 0x1000U * (i + 1);
        d->map.boot_journal[i] = 2 * IMAGES_BANK_LEN + i * IMAGES_UNIT;
        d->map.app_journal[i] = 2 * IMAGES_BANK_LEN + (2 + i) * IMAGES_UNIT;
    }
}

int images_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    (void)ctx;
    (void)slot;
    (void)key;
    (void)msg;
    (void)msg_len;
    return sig[0] == 1 ? FERRY_VALID : sig[0] - 128;
}

/* ---- making ---------------------------------------------------------------------- */

/* A manifest for this bank; `wrong`: bits of what is not so. */
static size_t make_payload(struct fuzz_input *in, const struct images_device *d,
                           unsigned bank, const uint8_t *image, uint32_t len,
                           uint8_t *payload)
{
    uint8_t wrong = fuzz_byte(in), table[16] = {0};
    struct release_hashes hashes;
    struct ferry_manifest m;
    struct release r;

    release_default(&r);
    r.version = 0x01000000U + fuzz_byte(in);
    r.sec_ctr = fuzz_byte(in) % 8U;
    r.link = d->map.link[bank] + (wrong >> 1 & 1U);
    r.hw_max = (wrong & 4U) != 0 ? 2 : 5;
    r.class_id[15] ^= wrong >> 3 & 1U;
    r.device = (wrong & 0x20U) != 0 ? d->identity.device_id : NULL;
    r.device = (wrong & 0x40U) != 0 ? d->identity.class_id : r.device;
    release_manifest(&r, table, sizeof table, image, len, &hashes, &m);
    hashes.image[31] ^= wrong >> 4 & 1U;
    m.length += (wrong & 0x80U) != 0 ? fuzz_number(in, 4) : 0;
    return ferry_manifest_encode(&m, payload, FERRY_PAYLOAD_MAX);
}

static void make_image(struct sim_flash *f, struct fuzz_input *in,
                       const struct images_device *d, unsigned bank)
{
    static const uint8_t slots[] = {0, 0, 1, FERRY_SLOT_RECOVERY, 2, 8};
    uint32_t len = 4 + fuzz_below(in, IMAGE_MAX / 4) * 4, at = d->map.bank[bank].addr;
    uint8_t image[IMAGE_MAX], env[FERRY_ENVELOPE_MAX] = {0};

    memset(image, fuzz_byte(in), len);
    size_t payload_len =
        make_payload(in, d, bank, image, len, env + FERRY_ENVELOPE_HEAD);
    uint8_t slot = slots[fuzz_below(in, sizeof slots)];
    size_t env_len = ferry_envelope_frame(env, payload_len, FERRY_ALG_ED25519, slot);
    uint8_t verdict = fuzz_byte(in);
    env[env_len - FERRY_SIG_LEN] = verdict < 0xF0 ? 1 : verdict;
    chip_load(f, at, env, (uint32_t)env_len);
    chip_load(f, at + IMAGES_HEADER, image, len);
}

void images_fill(struct sim_flash *f, struct fuzz_input *in,
                 const struct images_device *d)
{
    for (unsigned bank = 0; bank < 2; bank++) {
        if ((fuzz_byte(in) & 3U) != 3) {
            make_image(f, in, d, bank);
        }
        chip_patch(f, in, d->map.bank[bank].addr, IMAGES_BANK_LEN);
    }
}

/* ---- judging --------------------------------------------------------------------- */

/* An envelope's form and slot; its digest is that of a Sig_structure. */
static bool opens(const struct images_device *d, const uint8_t *env,
                  struct ferry_envelope *e, uint8_t *digest)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    size_t len = ferry_envelope_len(env);

    if (len == 0 || ferry_envelope_open(e, env, len) != 0) {
        return false;
    }
    memcpy(room + FERRY_TBS_SPARE, env, len);
    crypto_hash_sha256(digest, room, ferry_tbs_make(room + FERRY_TBS_SPARE));
    return e->kid < FERRY_KEY_SLOTS && d->keys[e->kid].alg == FERRY_ALG_ED25519 &&
           e->alg == FERRY_ALG_ED25519 && e->sig[63] < 0x10;
}

static bool fits(const struct images_device *d, unsigned bank,
                 const struct ferry_manifest *m)
{
    const struct ferry_identity *id = &d->identity;

    return memcmp(m->class_id, id->class_id, 16) == 0 && m->hw_min <= id->hw_rev &&
           id->hw_rev <= m->hw_max && m->link == d->map.link[bank] &&
           (m->device == NULL || memcmp(m->device, id->device_id, 16) == 0) &&
           m->length > 0 && m->length % 4 == 0 && m->length <= IMAGE_MAX;
}

struct images_verdict images_judge(const struct sim_flash *f,
                                   const struct images_device *d, unsigned bank)
{
    const uint8_t *at = f->bytes + d->map.bank[bank].addr;
    struct images_verdict v = {0};
    struct ferry_envelope e;
    struct ferry_manifest m;
    uint8_t hash[32];

    if (!opens(d, at, &e, v.digest) ||
        ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_BOOT) != 0 ||
        !fits(d, bank, &m)) {
        return v;
    }
    crypto_hash_sha256(hash, at + IMAGES_HEADER, m.length);
    v.whole = memcmp(hash, m.sha256, sizeof hash) == 0;
    v.signs = v.whole && e.sig[0] == 1;
    v.slot = e.kid;
    v.sec_ctr = m.sec_ctr;
    v.version = m.version;
    return v;
}
