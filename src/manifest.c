/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the one permitted byte encoding of envelope and manifest, in both directions,
 * and refuses what it does not understand. Does not know keys, devices or policy. */
#include "ferry/manifest.h"
#include "ferry/hal.h"

#include <string.h>

#include "pairs.h"

/* ---- the envelope ---------------------------------------------------------------- */

/* tag 18, array(4), bstr(6) {1: alg, 4: h'kk'}, {}, bstr(LL): the bytes that vary are
 * alg, kk and LL. */
enum { AT_ALG = 5, AT_KID = 8, AT_UNPROTECTED = 9, AT_LEN = 11 };

static const uint8_t env_head[FERRY_ENVELOPE_HEAD] = {
    0xD2, 0x84, 0x46, 0xA2, 0x01, 0, 0x04, 0x41, 0, 0xA0, 0x58, 0,
};
/* array(4), "Signature1": stands before the protected header in what is signed. */
static const uint8_t tbs_head[12] = {
    0x84, 0x6A, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1',
};
#define TBS_NO_EXTERNAL_DATA 0x40 /* stands where the envelope has `unprotected` */

static bool varies(unsigned at)
{
    return at == AT_ALG || at == AT_KID || at == AT_LEN;
}

static bool head_fits(const uint8_t *bytes)
{
    for (unsigned i = 0; i < FERRY_ENVELOPE_HEAD; i++) {
        if (!varies(i) && bytes[i] != env_head[i]) {
            return false;
        }
    }
    return true;
}

size_t ferry_envelope_len(const uint8_t *head)
{
    if (!head_fits(head) || head[AT_LEN] < FERRY_PAYLOAD_MIN) {
        return 0;
    }
    return head[AT_LEN] + FERRY_ENVELOPE_OVER;
}

int ferry_envelope_open(struct ferry_envelope *e, const uint8_t *bytes, size_t len)
{
    /* The length byte cannot say more than FERRY_ENVELOPE_MAX. */
    if (len < FERRY_PAYLOAD_MIN + FERRY_ENVELOPE_OVER ||
        len != bytes[AT_LEN] + FERRY_ENVELOPE_OVER) {
        return FERRY_E_LEN;
    }
    const uint8_t *tail = bytes + FERRY_ENVELOPE_HEAD + bytes[AT_LEN];
    if (!head_fits(bytes) || tail[0] != 0x58 || tail[1] != FERRY_SIG_LEN) {
        return FERRY_E_FRAME;
    }
    e->payload = bytes + FERRY_ENVELOPE_HEAD;
    e->payload_len = bytes[AT_LEN];
    e->sig = tail + 2;
    e->alg = bytes[AT_ALG];
    e->kid = ferry_envelope_kid(bytes);
    return 0;
}

size_t ferry_tbs_make(uint8_t *env)
{
    ferry_copy(env - FERRY_TBS_SPARE, tbs_head, sizeof tbs_head);
    env[AT_UNPROTECTED] = TBS_NO_EXTERNAL_DATA;
    return env[AT_LEN] + FERRY_TBS_OVER;
}

void ferry_tbs_undo(uint8_t *env)
{
    env[0] = env_head[0];
    env[1] = env_head[1];
    env[AT_UNPROTECTED] = env_head[AT_UNPROTECTED];
}

size_t ferry_envelope_frame(uint8_t *env, size_t payload_len, uint8_t alg, uint8_t kid)
{
    ferry_copy(env, env_head, sizeof env_head);
    env[AT_ALG] = alg;
    env[AT_KID] = kid;
    env[AT_LEN] = (uint8_t)payload_len;
    uint8_t *tail = env + FERRY_ENVELOPE_HEAD + payload_len;
    tail[0] = 0x58;
    tail[1] = FERRY_SIG_LEN;
    return payload_len + FERRY_ENVELOPE_OVER;
}

/* ---- the manifest ---------------------------------------------------------------- */

#define KEYS_KNOWN 16U
#define REQUIRED                                                                       \
    ((UINT32_C(1) << FERRY_KEY_TYPE) | (UINT32_C(1) << FERRY_KEY_CLASS) |              \
     (UINT32_C(1) << FERRY_KEY_HW_MIN) | (UINT32_C(1) << FERRY_KEY_HW_MAX) |           \
     (UINT32_C(1) << FERRY_KEY_VERSION) | (UINT32_C(1) << FERRY_KEY_SEC_CTR) |         \
     (UINT32_C(1) << FERRY_KEY_LENGTH) | (UINT32_C(1) << FERRY_KEY_SHA256) |           \
     (UINT32_C(1) << FERRY_KEY_LINK) | (UINT32_C(1) << FERRY_KEY_BLOCKS))

_Static_assert((unsigned)FERRY_READER_DEVICE == FERRY_PAIRS_KEYS_END, "all keys");

#define NUMBER(field) FERRY_NUMBER(struct ferry_manifest, field)
#define STRING(field, len) FERRY_STRING(struct ferry_manifest, field, len)

static const struct ferry_field fields[KEYS_KNOWN] = {
    NUMBER(type),         STRING(class_id, 16), NUMBER(hw_min),     NUMBER(hw_max),
    NUMBER(version),      NUMBER(sec_ctr),      NUMBER(length),     STRING(sha256, 32),
    NUMBER(link),         NUMBER(min_from),     NUMBER(encoding),   NUMBER(t_len),
    STRING(t_sha256, 32), STRING(base, 16),     STRING(blocks, 32), STRING(device, 16),
};

static int ranges(const struct ferry_manifest *m)
{
    if ((m->has & REQUIRED) != REQUIRED) {
        return FERRY_E_MISSING;
    }
    if (m->type != FERRY_TYPE_IMAGE || m->hw_min > m->hw_max ||
        m->sec_ctr > FERRY_SEC_CTR_MAX) {
        return FERRY_E_TYPE;
    }
    return 0;
}

int ferry_manifest_parse(struct ferry_manifest *m, const uint8_t *payload, size_t len,
                         enum ferry_reader_role role)
{
    struct ferry_reader r = ferry_reader(payload, len);
    struct ferry_pairs p;

    memset(m, 0, sizeof *m);
    int err = ferry_pairs_take(&p, &r, m, fields, KEYS_KNOWN, role);
    if (err != 0) {
        return err;
    }
    m->has = p.has;
    err = ranges(m);
    if (err != 0) {
        return err;
    }
    return r.left > 0 ? FERRY_E_TRAIL : 0;
}

void ferry_manifest_info(struct ferry_manifest *m, const uint8_t *payload, size_t len)
{
    struct ferry_reader r = ferry_reader(payload, len);
    struct ferry_pairs p = {.has = m->has};

    ferry_pairs_others(&p, &r);
    m->info = p.info;
    m->info_len = (uint16_t)p.info_len;
    m->info_count = (uint8_t)p.info_count;
}

size_t ferry_manifest_encode(const struct ferry_manifest *m, uint8_t *payload,
                             size_t cap)
{
    struct ferry_writer w = ferry_writer(payload, cap);
    struct ferry_pairs p = {m->has, m->info, m->info_len, m->info_count};

    ferry_pairs_put(&p, &w, m, fields, KEYS_KNOWN);
    return w.bad || w.len < FERRY_PAYLOAD_MIN ? 0 : w.len;
}

uint32_t ferry_table_len(uint32_t length)
{
    uint32_t blocks = length / FERRY_BLOCK_LEN + (length % FERRY_BLOCK_LEN != 0);
    return blocks * FERRY_BLOCK_HASH_LEN;
}
