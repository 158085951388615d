/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys behind passphrases in a build without libcrypto: there are none. */
#include "keylock.h"
#include "say.h"

int keylock_ready(void)
{
    return refuse("this ferry was built without libcrypto, and knows no passphrases");
}

int keylock_close(const struct key *k, const struct secret *pass, char pem[KEY_PEM_MAX])
{
    (void)k, (void)pass, (void)pem;
    return keylock_ready();
}

int keylock_open(const uint8_t *der, size_t len, const char *path,
                 const struct secret *pass, uint8_t seed[crypto_sign_SEEDBYTES])
{
    (void)der, (void)len, (void)path, (void)pass, (void)seed;
    return keylock_ready();
}
