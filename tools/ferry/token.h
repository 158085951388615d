/* SPDX-License-Identifier: Apache-2.0
 *
 * A key that nobody can read, behind a PKCS#11 module: in an HSM, a smart card, or
 * SoftHSM. token.c finds the token, token_key.c the key on it. Functions that return int
 * return an exit code and have said why. */
#ifndef FERRY_TOOL_TOKEN_H
#define FERRY_TOOL_TOKEN_H

#include <sodium.h>

#include "p11_uri.h"
#include "pkcs11.h"
#include "secret.h"

struct token {
    struct p11_uri uri;
    const struct p11_functions *f; /* NULL: nothing is open */
    char label[33];
    p11_ulong slot, session, flags;
    p11_ulong key; /* the private one; token_find fills it in */
    struct secret pin;
};

/* Load the module and find the one token that the URI names. */
int token_open(struct token *t, const char *uri);
/* Show the PIN, unless it is not wanted, as `user`. */
int token_login(struct token *t, enum p11_user user);
/* Harmless on a zeroed struct. */
void token_close(struct token *t);

/* The one Ed25519 key that the URI names: its public half alone, which most tokens show
 * without a PIN; or the key that signs, with its public half. */
int token_public(struct token *t, uint8_t public[crypto_sign_PUBLICKEYBYTES]);
int token_find(struct token *t, uint8_t public[crypto_sign_PUBLICKEYBYTES]);
/* With the key that was found. */
int token_sign(struct token *t, uint8_t *bytes, size_t len,
               uint8_t sig[crypto_sign_BYTES]);

/* Says that a call of the module did not work: REFUSED. */
int token_failed(const struct token *t, const char *call, p11_ulong code);

#endif
