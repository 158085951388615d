/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the one permitted byte encoding of envelope and manifest, in both directions,
 * and refuses what it does not understand. Does not know keys, devices or policy. */
#include "ferry/manifest.h"
#include "ferry/hal.h"

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
/*@ predicate head{L}(uint8_t *p) = \forall integer k; 0 <= k < 12 && k != AT_ALG &&
  @   k != AT_KID && k != AT_LEN ==> p[k] == env_head[k]; */
#define TBS_NO_EXTERNAL_DATA 0x40 /* stands where the envelope has `unprotected` */

/*@ terminates \true;
  @ assigns \nothing;
  @ ensures \result <==> at == 5 || at == 8 || at == 11; */
static bool varies(unsigned at)
{
    return at == AT_ALG || at == AT_KID || at == AT_LEN;
}

/*@ requires \valid_read(bytes + (0 .. 11));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <==> head(bytes); */
static bool head_fits(const uint8_t *bytes)
{
    /*@ loop invariant 0 <= i <= FERRY_ENVELOPE_HEAD;
      @ loop invariant \forall integer k; 0 <= k < i && k != 5 && k != 8 && k != 11 ==>
      @   bytes[k] == env_head[k];
      @ loop assigns i;
      @ loop variant FERRY_ENVELOPE_HEAD - i; */
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

/*@ terminates \true;
  @ ensures shape: \result == 0 ==> len == bytes[11] + 78 && bytes[11] >= 24 &&
  @   head(bytes) && bytes[len - 66] == 0x58 && bytes[len - 65] == 64; */
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

/*@ requires 24 <= payload_len <= 255 && \valid(env + (0 .. payload_len + 77));
  @ terminates \true;
  @ assigns env[0 .. payload_len + 13];
  @ ensures \result == payload_len + 78; */
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

/*@ requires \valid_read(m);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == 0 ==> (m->has & REQUIRED) == REQUIRED && m->type == 1 &&
  @   m->hw_min <= m->hw_max && m->sec_ctr <= 0xFFFFFF; */
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

/*@ requires \valid(m) && \valid_read(payload + (0 .. len - 1));
  @ requires \separated(m, payload + (0 .. len - 1));
  @ terminates \true;
  @ assigns *m;
  @ ensures shape: \result == 0 ==> map(payload, payload + len);
  @ ensures rules: \result == 0 ==> (m->has & REQUIRED) == REQUIRED && m->type == 1 &&
  @   m->hw_min <= m->hw_max && m->sec_ctr <= 0xFFFFFF; */
int ferry_manifest_parse(struct ferry_manifest *m, const uint8_t *payload, size_t len,
                         enum ferry_reader_role role)
{
    struct ferry_reader r = ferry_reader(payload, len);
    struct ferry_pairs p;

    *m = (struct ferry_manifest){0};
    int err = ferry_pairs_take(&p, &r, m, fields, KEYS_KNOWN, role);
    if (err != 0) {
        return err;
    }
    /*@ assert map(payload, r.at); */
    /*@ assert r.at + r.left == payload + len; */
    m->has = p.has;
    err = ranges(m);
    if (err != 0) {
        return err;
    }
    return r.left > 0 ? FERRY_E_TRAIL : 0;
}

/*@ requires \valid(m) && len <= 0xFFFF && \valid_read(payload + (0 .. len - 1));
  @ requires \separated(m, payload + (0 .. len - 1));
  @ terminates \true;
  @ assigns m->info, m->info_len, m->info_count;
  @ ensures inside: m->info_len <= len && m->info == payload + (len - m->info_len); */
void ferry_manifest_info(struct ferry_manifest *m, const uint8_t *payload, size_t len)
{
    struct ferry_reader r = ferry_reader(payload, len);
    struct ferry_pairs p = {.has = m->has};

    ferry_pairs_others(&p, &r);
    /*@ assert p.info_len <= len && p.info == payload + (len - p.info_len); */
    m->info = p.info;
    m->info_len = (uint16_t)p.info_len;
    m->info_count = (uint8_t)p.info_count;
}

/*@ requires \valid_read(m) && \valid(payload + (0 .. cap - 1));
  @ requires \separated(m, payload + (0 .. cap - 1));
  @ requires \separated(&fields[0] + (0 .. 15), payload + (0 .. cap - 1));
  @ requires \forall integer k; 0 <= k < 16 && ((m->has >> k) & 1) != 0 ==>
  @   source(m, &fields[0] + k, payload, cap);
  @ requires apart(m->info, m->info_len, payload, cap);
  @ terminates \true;
  @ assigns payload[0 .. cap - 1];
  @ ensures fits: \result == 0 || 24 <= \result <= cap; */
size_t ferry_manifest_encode(const struct ferry_manifest *m, uint8_t *payload,
                             size_t cap)
{
    struct ferry_writer w = ferry_writer(payload, cap);
    struct ferry_pairs p = {m->has, m->info, m->info_len, m->info_count};

    /*@ assert same: p.has == m->has && w.at == payload && w.left == cap; */
    /*@ assert same: \forall integer k; 0 <= k < 16 && ((p.has >> k) & 1) != 0 ==>
      @   source(m, &fields[0] + k, payload, cap); */
    /*@ assert same: \forall integer k; 0 <= k < 16 && ((p.has >> k) & 1) != 0 ==>
      @   aside(m, &fields[0] + k, &w); */
    ferry_pairs_put(&p, &w, m, fields, KEYS_KNOWN);
    /*@ assert written: w.len + w.left == cap; */
    return w.bad || w.len < FERRY_PAYLOAD_MIN ? 0 : w.len;
}

uint32_t ferry_table_len(uint32_t length)
{
    uint32_t blocks = length / FERRY_BLOCK_LEN + (length % FERRY_BLOCK_LEN != 0);
    return blocks * FERRY_BLOCK_HASH_LEN;
}
