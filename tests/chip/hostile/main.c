/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts every hostile signature to this port's backend, and to the engine over it. Says
 * the name of each whose verdict is not the table's, and at last how many there were.
 * Exit code 0: none was wrong. Knows no signature. */
#include "hostile.h"
#include "mps2.h"
#include "port.h"

static unsigned wrong;

static void say(const char *name)
{
    wrong++;
    mps2_say("NOT OK   ", name);
}

static void say_number(const char *label, unsigned n)
{
    char digits[11], *at = digits + sizeof digits - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    mps2_say(label, at);
}

int main(void)
{
    say_number("verdicts ", hostile_try(port_crypto(), say));
    mps2_exit(wrong == 0 ? 0 : 1);
}
