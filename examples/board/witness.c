/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what makes a statement worth believing. Does not know who brought it. */
#include "witness.h"

#include <sodium.h>
#include <string.h>

#include "ferry/hal.h"
#include "ferry/manifest.h"

int witness_hear(const uint8_t *envelope, size_t len, const uint8_t key[32],
                 const uint8_t *nonce, struct ferry_statement *s)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;

    int err = ferry_envelope_open(&e, envelope, len);
    if (err != 0) {
        return err;
    }
    if (e.kid != FERRY_KID_STATEMENT || e.alg != FERRY_ALG_ED25519) {
        return FERRY_E_KID;
    }
    memcpy(env, envelope, len);
    size_t tbs_len = ferry_tbs_make(env);
    if (crypto_sign_verify_detached(e.sig, env - FERRY_TBS_SPARE, tbs_len, key) != 0) {
        return FERRY_E_SIG;
    }
    err = ferry_statement_parse(s, e.payload, e.payload_len);
    if (err == 0 &&
        (s->nonce == NULL || memcmp(s->nonce, nonce, FERRY_NONCE_LEN) != 0)) {
        err = FERRY_E_SIG;
    }
    return err;
}

const char *witness_outcome(uint32_t outcome)
{
    static const char *const names[] = {"none",       "trial",   "confirmed",
                                        "faults",     "power",   "expired",
                                        "crash-loop", "damaged", "refused"};
    return outcome <= FERRY_OUTCOME_REFUSED ? names[outcome] : "?";
}
