/* SPDX-License-Identifier: Apache-2.0
 *
 * A private key behind a passphrase: PKCS#8 with PBES2, as OpenSSL reads and writes it.
 * keylock_openssl.c does it with libcrypto; without that, keylock_none.c says no.
 * Functions that return int return an exit code and have said why. */
#ifndef FERRY_TOOL_KEYLOCK_H
#define FERRY_TOOL_KEYLOCK_H

#include "keyfile.h"
#include "secret.h"

/* Is this tool built with what it takes? If not, says so: REFUSED. */
int keylock_ready(void);

/* The PEM text of `k`, locked. */
int keylock_close(const struct key *k, const struct secret *pass,
                  char pem[KEY_PEM_MAX]);
/* The seed out of an EncryptedPrivateKeyInfo; `path` is for messages. */
int keylock_open(const uint8_t *der, size_t len, const char *path,
                 const struct secret *pass, uint8_t seed[crypto_sign_SEEDBYTES]);

#endif
