/* SPDX-License-Identifier: Apache-2.0
 *
 * What libsodium wants of an operating system, where there is none. Nothing that Ferry
 * calls comes here: each of these is a mistake that ends in a reset. Knows no chip.
 * Ran on QEMU's nRF51 model only. */
#include <stddef.h>

void sodium_misuse(void) __attribute__((noreturn));
void randombytes_buf(void *buf, size_t len) __attribute__((noreturn));

void sodium_misuse(void)
{
    __builtin_trap();
}

void randombytes_buf(void *buf, size_t len)
{
    (void)buf;
    (void)len;
    __builtin_trap();
}
