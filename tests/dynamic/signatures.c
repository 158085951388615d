/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts every hostile signature to libsodium as it was compiled here, and to the engine
 * over it. Says the name of each whose verdict is not the table's, and at last how many
 * there were. Exit code 0: none was wrong. */
#include <stdio.h>

#include "crypto_sodium.h"
#include "hostile.h"

static unsigned wrong;

static void say(const char *name)
{
    wrong++;
    printf("NOT OK   %s\n", name);
}

int main(void)
{
    static struct ferry_sodium state;
    struct ferry_crypto crypto = ferry_sodium_crypto(&state);

    printf("verdicts %u\n", hostile_try(&crypto, say));
    return wrong != 0;
}
