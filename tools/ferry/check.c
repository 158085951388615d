/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of a device's checks and how to name what failed in a file. The
 * checks themselves are the engine's. */
#include "check.h"

#include <string.h>

#include "crypto_sodium.h"
#include "say.h"
#include "verify.h"

void check_keys(struct ferry_key keys[FERRY_KEY_SLOTS],
                const uint8_t public[crypto_sign_PUBLICKEYBYTES], int slot)
{
    memset(keys, 0, FERRY_KEY_SLOTS * sizeof *keys);
    for (int i = 0; i < FERRY_KEY_SLOTS; i++) {
        if (slot == ANY_SLOT || slot == i) {
            keys[i].alg = FERRY_ALG_ED25519;
            memcpy(keys[i].key, public, crypto_sign_PUBLICKEYBYTES);
        }
    }
}

/* What the engine's verdict on form and slot means in this file. */
static int refuse_form(const struct artifact *a, int err)
{
    size_t sig_at = a->env_len - FERRY_SIG_LEN;

    switch (err) {
    case FERRY_E_KID:
        return refuse_at(a->path, ENV_KID, err, "key slot %u %s", a->e.kid,
                         a->e.kid < FERRY_KEY_SLOTS
                             ? "signed it: no key was given for that one"
                             : "is no manifest's (0..7)");
    case FERRY_E_FRAME:
        return refuse_at(a->path, ENV_ALG, err, "algorithm %02X is not Ed25519 (%02X)",
                         a->e.alg, FERRY_ALG_ED25519);
    case FERRY_E_SIG:
        return refuse_at(a->path, sig_at + FERRY_SIG_LEN / 2, err,
                         "the signature's second half is not below the group's order");
    default:
        return refuse_at(a->path, 0, err, "%s", ferry_strerror(err));
    }
}

static int check_signature(struct artifact *a, const struct ferry_key *keys)
{
    struct ferry_sodium state = {0};
    struct ferry_crypto crypto = ferry_sodium_crypto(&state);
    int err = ferry_verify_form(keys, a->env, a->env_len, &a->e);

    if (err != 0) {
        return refuse_form(a, err);
    }
    err = ferry_verify_ask(&crypto, keys, a->env, &a->e);
    if (err != 0) {
        return refuse_at(a->path, a->env_len - FERRY_SIG_LEN, err,
                         "the signature does not hold under this key");
    }
    return DONE;
}

static int check_blocks(const struct artifact *a)
{
    uint32_t bad = artifact_bad_block(a);

    if (bad < artifact_blocks(a)) {
        return refuse_at(a->path, a->image_at + (size_t)bad * FERRY_BLOCK_LEN,
                         FERRY_E_BLOCK,
                         "block %u of %u differs from its entry in the block table",
                         (unsigned)bad, (unsigned)artifact_blocks(a));
    }
    return DONE;
}

int check_content(const struct artifact *a)
{
    int code = artifact_whole(a);

    if (code == DONE && !artifact_table_matches(a)) {
        code = refuse_at(a->path, a->table_at, FERRY_E_BLOCKS, "%s",
                         ferry_strerror(FERRY_E_BLOCKS));
    }
    if (code == DONE) {
        code = check_blocks(a);
    }
    if (code == DONE && !artifact_image_matches(a)) {
        code = refuse_at(a->path, a->image_at, FERRY_E_HASH, "%s",
                         ferry_strerror(FERRY_E_HASH));
    }
    return code;
}

int check_artifact(struct artifact *a, const struct ferry_key *keys)
{
    int code = artifact_no_statement(a);

    if (code == DONE) {
        code = check_signature(a, keys);
    }
    if (code == DONE) {
        code = artifact_parse(a);
    }
    if (code == DONE) {
        code = check_content(a);
    }
    return code;
}

void check_digest(struct artifact *a, uint8_t digest[FERRY_HASH_LEN])
{
    struct ferry_sodium state = {0};
    struct ferry_crypto crypto = ferry_sodium_crypto(&state);

    ferry_verify_digest(&crypto, a->env, digest);
}
