/* SPDX-License-Identifier: Apache-2.0
 *
 * Ed25519 keys in PEM files as OpenSSL writes and reads them (RFC 8410): PKCS#8
 * private keys, SubjectPublicKeyInfo public keys. */
#ifndef FERRY_TOOL_KEYFILE_H
#define FERRY_TOOL_KEYFILE_H

#include <sodium.h>
#include <stdbool.h>

#include "secret.h"

#define KEY_PEM_MAX 640U /* a locked one: some 290 */
#define KEY_WHAT_MAX 300U

struct key {
    bool secret_known;
    uint8_t secret[crypto_sign_SECRETKEYBYTES]; /* seed, then public key */
    uint8_t public[crypto_sign_PUBLICKEYBYTES];
};

/* A new one, or the published one of RFC 8032, 7.1, test 1. */
void key_make(struct key *k);
void key_make_published(struct key *k);
bool key_is_published(const struct key *k);
void key_wipe(struct key *k);

/* From a file. Returns an exit code and has said why; `k` is wiped on failure. A
 * private key file serves where a public key is wanted, never the reverse. A locked one
 * is opened with the passphrase in FERRY_PASSPHRASE, or by asking. */
int key_load(struct key *k, const char *path, bool want_secret);
/* The private key, with the passphrase out of a file if `pass_file` is not NULL. */
int key_load_secret(struct key *k, const char *path, const char *pass_file);
/* Where the passphrase of a key comes from; `what` is filled in, and pointed to. */
struct secret_from key_passphrase(const char *path, const char *pass_file,
                                  char what[KEY_WHAT_MAX]);

/* As PEM text. */
void key_private_pem(const struct key *k, char pem[KEY_PEM_MAX]);
void key_public_pem(const struct key *k, char pem[KEY_PEM_MAX]);

#endif
