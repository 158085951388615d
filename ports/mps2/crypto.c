/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 and Ed25519 by libsodium, compiled for this target (ports/sodium). Knows no
 * keys. Ran on QEMU only. */
#include "crypto_sodium.h"
#include "port.h"

const struct ferry_crypto *port_crypto(void)
{
    static struct ferry_sodium state;
    static struct ferry_crypto crypto;

    crypto = ferry_sodium_crypto(&state);
    return &crypto;
}
