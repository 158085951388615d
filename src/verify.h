/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures over envelopes and hashes over flash. The only maker of a commit ticket. */
#ifndef FERRY_VERIFY_H
#define FERRY_VERIFY_H

#include "ferry/parts.h"

/* ---- an envelope in memory, with FERRY_TBS_SPARE writable bytes before it -------- */

/* Form, slot and S < 2^252: 0, FERRY_E_LEN, _FRAME, _KID or _SIG. `keys`: the device's
 * FERRY_KEY_SLOTS. */
/*@ requires \valid(e) && \valid_read(env + (0 .. len - 1));
  @ requires \valid_read(keys + (0 .. FERRY_KEY_SLOTS - 1));
  @ requires \separated(e, env + (0 .. len - 1), keys + (0 .. FERRY_KEY_SLOTS - 1));
  @ terminates \true;
  @ assigns *e;
  @ ensures inside: \result == 0 ==> e->payload == env + 12 && e->payload_len == env[11] &&
  @   e->sig == env + (len - 64) && len == env[11] + 78;
  @ ensures slot: \result == 0 ==> e->kid < FERRY_KEY_SLOTS && e->alg == FERRY_ALG_ED25519;
  @ ensures keyed: \result == 0 ==> keys[e->kid].alg == FERRY_ALG_ED25519 &&
  @   \exists integer i; 0 <= i < 64 && keys[e->kid].key[i] != 0;
  @ ensures one_spelling: \result == 0 ==> (e->sig[63] & 0xF0) == 0; */
FERRY_MUST_USE int ferry_verify_form(const struct ferry_key *keys, const uint8_t *env,
                                     size_t len, struct ferry_envelope *e);

/* In contracts: an envelope, of any content, with the room before it. */
/*@ predicate roomy{L}(uint8_t *env) = \valid(env + (-10 .. 11)) &&
  @   \valid_read(env + (-10 .. env[11] + 11)); */

/* SHA-256 of the to-be-signed bytes. `env` is as it was on return. */
/*@ requires \valid_read(crypto) && roomy(env);
  @ requires \separated(env + (-10 .. 9), crypto);
  @ requires \valid(digest + (0 .. FERRY_HASH_LEN - 1));
  @ requires \separated(env + (-10 .. env[11] + 11), digest + (0 .. FERRY_HASH_LEN - 1));
  @ terminates \true;
  @ assigns env[-10 .. 9], digest[0 .. FERRY_HASH_LEN - 1]; */
void ferry_verify_digest(const struct ferry_crypto *crypto, uint8_t *env,
                         uint8_t digest[FERRY_HASH_LEN]);

/* Ask the backend: 0, FERRY_E_SIG, or FERRY_PENDING, and then `env` and `e` stay
 * borrowed, in their to-be-signed form, until ferry_verify_answer has the result. */
/*@ requires \valid_read(crypto) && roomy(env) && \valid_read(e);
  @ requires \valid_read(keys + e->kid) && \valid_read(e->sig + (0 .. 63));
  @ requires \separated(env + (-10 .. 9), e, crypto, keys + e->kid,
  @   e->sig + (0 .. 63));
  @ terminates \true;
  @ assigns env[-10 .. 9]; */
FERRY_MUST_USE int ferry_verify_ask(const struct ferry_crypto *crypto,
                                    const struct ferry_key *keys, uint8_t *env,
                                    const struct ferry_envelope *e);
/*@ requires \valid(env + (0 .. 11));
  @ terminates \true;
  @ assigns env[0 .. 9];
  @ ensures only_valid: \result == 0 <==> result == FERRY_VALID; */
FERRY_MUST_USE int ferry_verify_answer(uint8_t *env, int result);

/* ---- a run of flash -------------------------------------------------------------- */

/* In contracts: what it reads and hashes with is there. */
/*@ predicate armed{L}(struct ferry_verify *v) = \valid(v) &&
  @   \valid_read(v->flash) && \valid_read(v->crypto) &&
  @   \separated(v, v->flash) && \separated(v, v->crypto); */

/*@ requires \valid(v);
  @ terminates \true;
  @ assigns v->flash, v->crypto;
  @ ensures v->flash == flash && v->crypto == crypto; */
static inline void ferry_verify_init(struct ferry_verify *v,
                                     const struct ferry_flash *flash,
                                     const struct ferry_crypto *crypto)
{
    v->flash = flash;
    v->crypto = crypto;
}
/* Begin with a run, as often as wanted; the gates of the one before are closed. */
/*@ requires armed(v);
  @ terminates \true;
  @ assigns v->at, v->left, v->hash_gate, v->sig_gate;
  @ ensures v->at == addr && v->left == len;
  @ ensures shut: v->hash_gate == 0 && v->sig_gate == 0; */
void ferry_verify_run(struct ferry_verify *v, uint32_t addr, uint32_t len);
/* Hash at most `most` bytes more: FERRY_MORE, 0 when all are hashed, or FERRY_E_FLASH. */
/*@ requires armed(v);
  @ terminates \true;
  @ assigns v->at, v->left;
  @ ensures onward: v->left <= \old(v->left);
  @ ensures all: \result == 0 ==> v->left == 0;
  @ ensures more: \result == FERRY_MORE ==> v->left == \old(v->left) - most; */
FERRY_MUST_USE int ferry_verify_step(struct ferry_verify *v, uint32_t most);
/* The whole run at once: does its SHA-256 begin with `want_len` bytes `want`? */
/*@ requires armed(v) && want_len <= FERRY_HASH_LEN;
  @ requires \valid_read(want + (0 .. want_len - 1));
  @ terminates \true;
  @ assigns v->at, v->left; */
FERRY_MUST_USE bool ferry_verify_matches(struct ferry_verify *v, const uint8_t *want,
                                         size_t want_len);

/* ---- the two gates --------------------------------------------------------------- */

#define FERRY_GATES_PASSED 0x9999FF00UL /* hash_gate ^ sig_gate, both passed */

/* In contracts: a gate is shut, or shows its own number; and only both numbers together
 * show that both are open. */
/*@ predicate gates{L}(struct ferry_verify *v) =
  @   (v->hash_gate == 0 || v->hash_gate == 0xA53C965A) &&
  @   (v->sig_gate == 0 || v->sig_gate == 0x3CA5695A);
  @ lemma only_both: \forall integer h, s; (h == 0 || h == 0xA53C965A) &&
  @   (s == 0 || s == 0x3CA5695A) ==>
  @   ((h ^ s) == FERRY_GATES_PASSED <==> h != 0 && s != 0); */

/* After the last step over the whole image: does it hash to `want`? */
/*@ requires armed(v) && gates(v) && \valid_read(want + (0 .. 31));
  @ terminates \true;
  @ assigns v->at, v->left, v->hash_gate;
  @ ensures gates(v);
  @ ensures open: \result == 0 ==> v->hash_gate != 0; */
FERRY_MUST_USE int ferry_verify_hash_gate(struct ferry_verify *v,
                                          const uint8_t want[FERRY_HASH_LEN]);
/* `result` of ferry_verify_ask or _answer over the envelope as stored in the bank. */
/*@ requires \valid(v) && gates(v);
  @ terminates \true;
  @ assigns v->sig_gate;
  @ ensures gates(v);
  @ ensures open: \result == 0 ==> v->sig_gate != 0;
  @ ensures only_for: \result == 0 <==> result == 0; */
FERRY_MUST_USE int ferry_verify_sig_gate(struct ferry_verify *v, int result);
/* hash_gate ^ sig_gate, kept somewhere: were both passed? Reads it twice. */
/*@ requires \valid_read(gates);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures both: \result <==> *gates == FERRY_GATES_PASSED; */
FERRY_MUST_USE bool ferry_verify_passed(const uint32_t *gates);
/* The ticket those gates are worth: ferry_ticket_holds() only if both were passed since
 * ferry_verify_run. */
/*@ requires \valid_read(v) && \valid(t) && \valid_read(digest + (0 .. 31));
  @ requires \separated(t, v) && \separated(t, digest + (0 .. 31));
  @ terminates \true;
  @ assigns *t;
  @ ensures worth: t->hash_gate == v->hash_gate && t->sig_gate == v->sig_gate;
  @ ensures says: t->bank == bank && t->version == version &&
  @   \forall integer i; 0 <= i < 32 ==> t->digest[i] == digest[i]; */
void ferry_verify_ticket(const struct ferry_verify *v, uint8_t bank, uint32_t version,
                         const uint8_t digest[FERRY_HASH_LEN], struct ferry_ticket *t);

#endif
