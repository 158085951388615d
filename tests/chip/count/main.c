/* SPDX-License-Identifier: Apache-2.0
 *
 * The program whose instructions are counted: lives the life that QEMU's -append names,
 *   transfer MTU CHUNK POOL BYTES     one update, up to its trial and confirm
 *   boot                              three updates, then starts with ever fuller journals
 * Exit code 0: all of it came out as it should. Does not count; plugin.c does. */
#include <stdlib.h>
#include <string.h>

#include "lives.h"
#include "marks.h"
#include "mps2.h"

#define JOURNAL_RECORDS 110U /* more than two pages of either hold */

static struct life life;

static bool transfer(char *words)
{
    uint16_t mtu = (uint16_t)strtoul(words, &words, 10);
    uint16_t chunk = (uint16_t)strtoul(words, &words, 10);
    uint16_t pool = (uint16_t)strtoul(words, &words, 10);
    uint32_t len = (uint32_t)strtoul(words, &words, 10);

    life_begin(&life, mtu, chunk, pool);
    return life_carry(&life, len) && life_try(&life);
}

static bool boot(void)
{
    bool right = true;

    life_begin(&life, 247, 128, 16);
    for (unsigned i = 0; i < 3; i++) {
        right = right && life_carry(&life, 8192) && life_try(&life);
    }
    count_phase_boot_three();
    right = right && life_boot(&life);
    for (unsigned i = 0; right && i < JOURNAL_RECORDS; i++) {
        count_phase_rest();
        right = life_fill_journals(&life);
        count_phase_boot_full();
        right = right && life_boot(&life);
    }
    count_phase_rest();
    return right;
}

int main(void)
{
    char words[64];
    bool right = false;

    mps2_arguments(words, sizeof words);
    if (strncmp(words, "transfer ", 9) == 0) {
        right = transfer(words + 9);
    } else if (strcmp(words, "boot") == 0) {
        right = boot();
    }
    mps2_exit(right ? 0 : 1);
}
