/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 2 of docs/PORTING.md, the rest of it: signing statements with the device's own key,
 * which stands in none of the eight slots. A file of its own, so that a bootloader does not
 * carry it. As it stands it signs nothing. */
#include "port.h"

/* Blocks? It may; or it returns FERRY_PENDING, and ferry_device_done() brings the result.
 * Memory: all of it is borrowed until the result is known.
 * Sizes: `msg` is 46 to 277 bytes, `sig` 64.
 * Repeats: once in two seconds at most.
 * FERRY_VALID: `sig` is written. 0 does not mean that. */
int port_sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64])
{
    (void)ctx;
    (void)msg;
    (void)msg_len;
    (void)sig;
    return FERRY_E_CRYPTO; /* FIXME: sign; or take no notice, and make no statements */
}

const uint8_t *port_public_key(void)
{
    return NULL; /* FIXME: what belongs to the key that signs */
}
