/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an image earns its ticket: the hash of what is *in flash*, then the
 * signature over the envelope that stands beside it. Both gates leave distinct
 * numbers, default to failure and are compared twice, so that one skipped instruction
 * does not flip a bank. Does not know policy, nor who commits. */
#include "verify.h"

#include <string.h>

#include "bytes.h"

#define HASH_GATE 0xA53C965AUL
#define SIG_GATE 0x3CA5695AUL
#define READ_LEN 32U /* half a SHA-256 block: it lies on the deepest path of a boot */

/* ---- what a port does ------------------------------------------------------------ */

/* The proofs take these few at their contracts. */
/*@ requires \valid_read(flash) && \valid(to + (0 .. len - 1));
  @ terminates \true;
  @ assigns \result, to[0 .. len - 1]; */
static inline int read_bytes(const struct ferry_flash *flash, uint32_t addr,
                             uint8_t *to, uint32_t len)
{
    return flash->read(flash->ctx, addr, to, len);
}

/*@ requires \valid_read(crypto);
  @ terminates \true;
  @ assigns \nothing; */
static inline void hash_none(const struct ferry_crypto *crypto)
{
    crypto->sha256_init(crypto->ctx);
}

/*@ requires \valid_read(crypto) && \valid_read(p + (0 .. len - 1));
  @ terminates \true;
  @ assigns \nothing; */
static inline void hash_more(const struct ferry_crypto *crypto, const uint8_t *p,
                             size_t len)
{
    crypto->sha256_update(crypto->ctx, p, len);
}

/*@ requires \valid_read(crypto) && \valid(hash + (0 .. FERRY_HASH_LEN - 1));
  @ terminates \true;
  @ assigns hash[0 .. FERRY_HASH_LEN - 1]; */
static inline void hash_all(const struct ferry_crypto *crypto, uint8_t *hash)
{
    crypto->sha256_final(crypto->ctx, hash);
}

/*@ requires \valid_read(crypto) && \valid_read(key);
  @ requires \valid_read(said + (0 .. len - 1)) && \valid_read(sig + (0 .. 63));
  @ terminates \true;
  @ assigns \nothing; */
static inline int judged(const struct ferry_crypto *crypto, unsigned slot,
                         const struct ferry_key *key, const uint8_t *said, size_t len,
                         const uint8_t *sig)
{
    return crypto->verify(crypto->ctx, slot, key, said, len, sig);
}

/* ---- an envelope ----------------------------------------------------------------- */

/* Some backends accept S + L for S: two signatures for one message. L is a little over
 * 2^252 (RFC 8032, 5.1), so S + L never fits in 252 bits. A genuine S that does not
 * either comes once in 2^127 signatures, and the signer would see it refused. */
/*@ requires \valid_read(sig + (0 .. 63));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <==> (sig[63] & 0xF0) == 0; */
static bool s_is_small(const uint8_t *sig)
{
    return (sig[FERRY_SIG_LEN - 1] & 0xF0U) == 0;
}

/*@ requires \valid_read(key);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result <==> key->alg == FERRY_ALG_NONE ||
  @   \forall integer i; 0 <= i < 64 ==> key->key[i] == 0; */
static bool empty(const struct ferry_key *key)
{
    uint8_t any = 0;

    /*@ loop invariant 0 <= i <= 64;
      @ loop invariant any == 0 <==> \forall integer k; 0 <= k < i ==> key->key[k] == 0;
      @ loop assigns i, any;
      @ loop variant 64 - i; */
    for (unsigned i = 0; i < sizeof key->key; i++) {
        any |= key->key[i];
    }
    return key->alg == FERRY_ALG_NONE || any == 0;
}

int ferry_verify_form(const struct ferry_key *keys, const uint8_t *env, size_t len,
                      struct ferry_envelope *e)
{
    int err = ferry_envelope_open(e, env, len);

    if (err != 0) {
        return err;
    }
    if (e->kid >= FERRY_KEY_SLOTS || empty(&keys[e->kid])) {
        return FERRY_E_KID;
    }
    if (e->alg != keys[e->kid].alg || e->alg != FERRY_ALG_ED25519) {
        return FERRY_E_FRAME;
    }
    return s_is_small(e->sig) ? 0 : FERRY_E_SIG;
}

void ferry_verify_digest(const struct ferry_crypto *crypto, uint8_t *env,
                         uint8_t digest[FERRY_HASH_LEN])
{
    size_t len = ferry_tbs_make(env);

    hash_none(crypto);
    hash_more(crypto, env - FERRY_TBS_SPARE, len);
    hash_all(crypto, digest);
    ferry_tbs_undo(env);
}

int ferry_verify_ask(const struct ferry_crypto *crypto, const struct ferry_key *keys,
                     uint8_t *env, const struct ferry_envelope *e)
{
    unsigned slot = e->kid;
    size_t len = ferry_tbs_make(env);
    int result = judged(crypto, slot, &keys[slot], env - FERRY_TBS_SPARE, len, e->sig);

    return result == FERRY_PENDING ? result : ferry_verify_answer(env, result);
}

FERRY_OUT_OF_LINE int ferry_verify_answer(uint8_t *env, int result)
{
    ferry_tbs_undo(env);
    return result == FERRY_VALID ? 0 : FERRY_E_SIG;
}

/* ---- a run of flash -------------------------------------------------------------- */

void ferry_verify_run(struct ferry_verify *v, uint32_t addr, uint32_t len)
{
    v->at = addr;
    v->left = len;
    v->hash_gate = 0;
    v->sig_gate = 0;
    hash_none(v->crypto);
}

int ferry_verify_step(struct ferry_verify *v, uint32_t most)
{
    uint8_t buf[READ_LEN];

    /*@ loop invariant armed(v) && v->left <= \at(v->left, Pre);
      @ loop invariant v->left + (\at(most, Pre) - most) == \at(v->left, Pre);
      @ loop invariant 0 <= most <= \at(most, Pre);
      @ loop assigns v->at, v->left, most, buf[0 .. READ_LEN - 1];
      @ loop variant v->left; */
    while (v->left > 0 && most > 0) {
        uint32_t n = v->left < most ? v->left : most;
        n = n < sizeof buf ? n : sizeof buf;
        if (read_bytes(v->flash, v->at, buf, n) != 0) {
            return FERRY_E_FLASH;
        }
        hash_more(v->crypto, buf, (size_t)n);
        v->at += n;
        v->left -= n;
        most -= n;
    }
    return v->left > 0 ? FERRY_MORE : 0;
}

bool ferry_verify_matches(struct ferry_verify *v, const uint8_t *want, size_t want_len)
{
    uint8_t hash[FERRY_HASH_LEN];

    if (ferry_verify_step(v, UINT32_MAX) != 0) {
        return false;
    }
    hash_all(v->crypto, hash);
    return memcmp(hash, want, want_len) == 0;
}

/* ---- the gates ------------------------------------------------------------------- */

/* The second reading of a gate must come from memory, not from a register. */
/*@ requires \valid_read(gate);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == *gate; */
static uint32_t again(const uint32_t *gate)
{
    return *(const volatile uint32_t *)gate;
}

/*@ terminates \true;
  @ ensures opens: \result == 0 <==> v->hash_gate == HASH_GATE; */
int ferry_verify_hash_gate(struct ferry_verify *v, const uint8_t want[FERRY_HASH_LEN])
{
    v->hash_gate = 0;
    if (ferry_verify_matches(v, want, FERRY_HASH_LEN)) {
        v->hash_gate = HASH_GATE;
    }
    return again(&v->hash_gate) == HASH_GATE ? 0 : FERRY_E_HASH;
}

/*@ terminates \true;
  @ ensures opens: \result == 0 <==> v->sig_gate == SIG_GATE; */
int ferry_verify_sig_gate(struct ferry_verify *v, int result)
{
    v->sig_gate = 0;
    if (result == 0) {
        v->sig_gate = SIG_GATE;
    }
    return again(&v->sig_gate) == SIG_GATE ? 0 : FERRY_E_SIG_FINAL;
}

_Static_assert((HASH_GATE ^ SIG_GATE) == FERRY_GATES_PASSED, "both");

bool ferry_verify_passed(const uint32_t *gates)
{
    return *gates == FERRY_GATES_PASSED && again(gates) == FERRY_GATES_PASSED;
}

void ferry_verify_ticket(const struct ferry_verify *v, uint8_t bank, uint32_t version,
                         const uint8_t digest[FERRY_HASH_LEN], struct ferry_ticket *t)
{
    t->bank = bank;
    t->version = version;
    ferry_copy(t->digest, digest, sizeof t->digest);
    t->hash_gate = v->hash_gate;
    t->sig_gate = v->sig_gate;
}

/*@ requires \valid_read(t);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures both: \result <==> t->hash_gate == HASH_GATE && t->sig_gate == SIG_GATE; */
bool ferry_ticket_holds(const struct ferry_ticket *t)
{
    if (t->hash_gate != HASH_GATE || t->sig_gate != SIG_GATE) {
        return false;
    }
    return again(&t->hash_gate) == HASH_GATE && again(&t->sig_gate) == SIG_GATE;
}
