/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures over envelopes and hashes over flash. The only maker of a commit ticket. */
#ifndef FERRY_VERIFY_H
#define FERRY_VERIFY_H

#include "ferry/parts.h"

/* ---- an envelope in memory, with FERRY_TBS_SPARE writable bytes before it -------- */

/* Form, slot and S < 2^252: 0, FERRY_E_LEN, _FRAME, _KID or _SIG. `keys`: the device's
 * FERRY_KEY_SLOTS. */
FERRY_MUST_USE int ferry_verify_form(const struct ferry_key *keys, const uint8_t *env,
                                     size_t len, struct ferry_envelope *e);

/* SHA-256 of the to-be-signed bytes. `env` is as it was on return. */
void ferry_verify_digest(const struct ferry_crypto *crypto, uint8_t *env,
                         uint8_t digest[FERRY_HASH_LEN]);

/* Ask the backend: 0, FERRY_E_SIG, or FERRY_PENDING, and then `env` and `e` stay
 * borrowed, in their to-be-signed form, until ferry_verify_answer has the result. */
FERRY_MUST_USE int ferry_verify_ask(const struct ferry_crypto *crypto,
                                    const struct ferry_key *keys, uint8_t *env,
                                    const struct ferry_envelope *e);
FERRY_MUST_USE int ferry_verify_answer(uint8_t *env, int result);

/* ---- a run of flash -------------------------------------------------------------- */

static inline void ferry_verify_init(struct ferry_verify *v,
                                     const struct ferry_flash *flash,
                                     const struct ferry_crypto *crypto)
{
    v->flash = flash;
    v->crypto = crypto;
}
/* Begin with a run, as often as wanted; the gates of the one before are closed. */
void ferry_verify_run(struct ferry_verify *v, uint32_t addr, uint32_t len);
/* Hash at most `most` bytes more: FERRY_MORE, 0 when all are hashed, or FERRY_E_FLASH. */
FERRY_MUST_USE int ferry_verify_step(struct ferry_verify *v, uint32_t most);
/* The whole run at once: does its SHA-256 begin with `want_len` bytes `want`? */
/*@ requires \valid(v) && \valid_read(want + (0 .. want_len - 1));
  @ terminates \true;
  @ assigns v->at, v->left; */
FERRY_MUST_USE bool ferry_verify_matches(struct ferry_verify *v, const uint8_t *want,
                                         size_t want_len);

/* ---- the two gates --------------------------------------------------------------- */

/* After the last step over the whole image: does it hash to `want`? */
FERRY_MUST_USE int ferry_verify_hash_gate(struct ferry_verify *v,
                                          const uint8_t want[FERRY_HASH_LEN]);
/* `result` of ferry_verify_ask or _answer over the envelope as stored in the bank. */
FERRY_MUST_USE int ferry_verify_sig_gate(struct ferry_verify *v, int result);
/* hash_gate ^ sig_gate, kept somewhere: were both passed? Reads it twice. */
#define FERRY_GATES_PASSED 0x9999FF00UL
/*@ requires \valid_read(gates);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures both: \result <==> *gates == FERRY_GATES_PASSED; */
FERRY_MUST_USE bool ferry_verify_passed(const uint32_t *gates);
/* The ticket those gates are worth: ferry_ticket_holds() only if both were passed since
 * ferry_verify_run. */
void ferry_verify_ticket(const struct ferry_verify *v, uint8_t bank, uint32_t version,
                         const uint8_t digest[FERRY_HASH_LEN], struct ferry_ticket *t);

#endif
