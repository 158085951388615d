/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that do nothing, each at an address of its own. */
#include "marks.h"

#define NOTHING __asm__ volatile("")

void count_phase_rest(void)
{
    NOTHING;
}

void count_phase_offer(void)
{
    NOTHING;
}

void count_phase_fill(void)
{
    NOTHING;
}

void count_phase_verify(void)
{
    NOTHING;
}

void count_phase_boot_three(void)
{
    NOTHING;
}

void count_phase_boot_full(void)
{
    NOTHING;
}

void count_part_block(void)
{
    NOTHING;
}
