/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the one permitted byte encoding of envelope and manifest, in both directions,
 * and refuses what it does not understand. Does not know keys, devices or policy. */
#include "ferry/manifest.h"

#include <string.h>

#include "cbor.h"

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
    if (len < FERRY_PAYLOAD_MIN + FERRY_ENVELOPE_OVER || len > FERRY_ENVELOPE_MAX ||
        bytes[AT_LEN] < FERRY_PAYLOAD_MIN ||
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
    e->kid = bytes[AT_KID];
    return 0;
}

size_t ferry_tbs_make(uint8_t *env)
{
    memcpy(env - FERRY_TBS_SPARE, tbs_head, sizeof tbs_head);
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
    memcpy(env, env_head, sizeof env_head);
    env[AT_ALG] = alg;
    env[AT_KID] = kid;
    env[AT_LEN] = (uint8_t)payload_len;
    uint8_t *tail = env + FERRY_ENVELOPE_HEAD + payload_len;
    tail[0] = 0x58;
    tail[1] = FERRY_SIG_LEN;
    return payload_len + FERRY_ENVELOPE_OVER;
}

/* ---- the manifest ---------------------------------------------------------------- */

#define PAIRS_MAX 23U
#define KEYS_KNOWN 16U
#define BOOT_CRITICAL_END 20U /* unknown keys from here on are the receiver's affair */
#define KEYS_END 24U
#define REQUIRED                                                                       \
    ((UINT32_C(1) << FERRY_KEY_TYPE) | (UINT32_C(1) << FERRY_KEY_CLASS) |              \
     (UINT32_C(1) << FERRY_KEY_HW_MIN) | (UINT32_C(1) << FERRY_KEY_HW_MAX) |           \
     (UINT32_C(1) << FERRY_KEY_VERSION) | (UINT32_C(1) << FERRY_KEY_SEC_CTR) |         \
     (UINT32_C(1) << FERRY_KEY_LENGTH) | (UINT32_C(1) << FERRY_KEY_SHA256) |           \
     (UINT32_C(1) << FERRY_KEY_LINK) | (UINT32_C(1) << FERRY_KEY_BLOCKS))

/* Where a known key's value goes, and how long its string must be; len 0: a number. */
struct place {
    uint8_t at, len;
};
#define NUMBER(field)                                                                  \
    {                                                                                  \
        (uint8_t) offsetof(struct ferry_manifest, field), 0                            \
    }
#define STRING(field, len)                                                             \
    {                                                                                  \
        (uint8_t) offsetof(struct ferry_manifest, field), len                          \
    }

static const struct place places[KEYS_KNOWN] = {
    NUMBER(type),         STRING(class_id, 16), NUMBER(hw_min),     NUMBER(hw_max),
    NUMBER(version),      NUMBER(sec_ctr),      NUMBER(length),     STRING(sha256, 32),
    NUMBER(link),         NUMBER(min_from),     NUMBER(encoding),   NUMBER(t_len),
    STRING(t_sha256, 32), STRING(base, 16),     STRING(blocks, 32), STRING(device, 16),
};

static int take_known(struct ferry_manifest *m, unsigned k,
                      const struct ferry_cbor *value)
{
    void *to = (uint8_t *)m + places[k].at;
    uint8_t len = places[k].len;

    if (len == 0 && value->major == FERRY_CBOR_UINT) {
        *(uint32_t *)to = value->arg;
    } else if (len != 0 && value->major == FERRY_CBOR_BSTR && value->arg == len) {
        *(const uint8_t **)to = value->str;
    } else {
        return FERRY_E_TYPE;
    }
    m->has |= UINT32_C(1) << k;
    return 0;
}

/* May this reader pass over a key it does not know? */
static bool may_skip(const struct ferry_cbor *key, enum ferry_reader_role role)
{
    if (key->arg >= KEYS_END) {
        return false;
    }
    return key->major == FERRY_CBOR_NINT ||
           (role == FERRY_READER_BOOT && key->arg >= BOOT_CRITICAL_END);
}

/* One key and its value. `next` is the least key head that may come now: in this
 * encoding the order of keys is the order of their head bytes. */
static int take_pair(struct ferry_manifest *m, struct ferry_reader *r,
                     enum ferry_reader_role role, uint32_t *next)
{
    struct ferry_cbor key, value;
    const uint8_t *start = r->at;

    if (ferry_cbor_read(r, &key) != 0) {
        return FERRY_E_CBOR;
    }
    if (key.major > FERRY_CBOR_NINT) {
        return FERRY_E_TYPE;
    }
    if (*start < *next) {
        return FERRY_E_ORDER;
    }
    *next = *start + 1U;
    if (ferry_cbor_read(r, &value) != 0 || value.major == FERRY_CBOR_MAP) {
        return FERRY_E_CBOR;
    }
    if (key.major == FERRY_CBOR_UINT && key.arg < KEYS_KNOWN) {
        return take_known(m, key.arg, &value);
    }
    if (!may_skip(&key, role)) {
        return FERRY_E_CRIT;
    }
    if (key.major == FERRY_CBOR_NINT && value.major == FERRY_CBOR_NINT) {
        return FERRY_E_TYPE;
    }
    if (m->info_count++ == 0) {
        m->info = start;
    }
    m->info_len = (uint16_t)(r->at - m->info);
    return 0;
}

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
    struct ferry_cbor map;
    uint32_t next = 0;

    memset(m, 0, sizeof *m);
    if (ferry_cbor_read(&r, &map) != 0 || map.major != FERRY_CBOR_MAP ||
        map.arg > PAIRS_MAX) {
        return FERRY_E_CBOR;
    }
    for (uint32_t i = 0; i < map.arg; i++) {
        int err = take_pair(m, &r, role, &next);
        if (err != 0) {
            return err;
        }
    }
    int err = ranges(m);
    if (err != 0) {
        return err;
    }
    return r.left > 0 ? FERRY_E_TRAIL : 0;
}

size_t ferry_manifest_encode(const struct ferry_manifest *m, uint8_t *payload,
                             size_t cap)
{
    struct ferry_writer w = ferry_writer(payload, cap);
    uint32_t pairs = m->info_count;

    for (unsigned k = 0; k < KEYS_KNOWN; k++) {
        pairs += (m->has >> k) & 1U;
    }
    ferry_cbor_head(&w, FERRY_CBOR_MAP, pairs);
    for (unsigned k = 0; k < KEYS_KNOWN; k++) {
        const void *from = (const uint8_t *)m + places[k].at;
        if (((m->has >> k) & 1U) == 0) {
            continue;
        }
        ferry_cbor_head(&w, FERRY_CBOR_UINT, k);
        if (places[k].len != 0) {
            ferry_cbor_bstr(&w, *(const uint8_t *const *)from, places[k].len);
        } else {
            ferry_cbor_head(&w, FERRY_CBOR_UINT, *(const uint32_t *)from);
        }
    }
    ferry_put(&w, m->info, m->info_len);
    return w.bad || w.len < FERRY_PAYLOAD_MIN ? 0 : w.len;
}

uint32_t ferry_table_len(uint32_t length)
{
    uint32_t blocks = length / 4096U + (length % 4096U != 0);
    return blocks * FERRY_BLOCK_HASH_LEN;
}
