/* SPDX-License-Identifier: Apache-2.0
 *
 * The program whose stack is painted: one device lives through everything that goes deep,
 * and says at the end how deep each verb went. Exit code 0: all of it came out as it
 * should. */
#include "lives.h"
#include "mps2.h"
#include "seams.h"
#include "stack.h"

#define RECORDS 60U /* enough to turn the pages of both journals */

static struct life life;

/* Straight to the port: the marks of lives.c are of no use here, and its frames would
 * count as the engine's. */
static void without_marks(void)
{
    life.w.flash_hal = life.w.boot_hal;
    life.w.crypto.sha256_init = life.sha256_init;
    life.w.app.event = world_seam_event;
}

static bool live(void)
{
    bool right = true;

    life_begin(&life, 247, 128, 16);
    without_marks();
    right = right && life_carry(&life, 65536) && life_try(&life);
    right = right && life_carry_with_cuts(&life, 65536) && life_try(&life);
    right = right && life_refuse(&life) && life_report(&life);
    right = right && life_carry(&life, 8192) && life_roll_back(&life);
    for (unsigned i = 0; right && i < RECORDS; i++) {
        right = life_fill_journals(&life) && life_boot(&life);
    }
    right = right && life_carry(&life, 8192) && life_try(&life);
    return right && life_recover(&life, 8192);
}

void stack_try_callback(void)
{
}

static void tell(const char *name, uint32_t bytes)
{
    char digits[12], *at = digits + sizeof digits - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + bytes % 10);
        bytes /= 10;
    } while (bytes > 0);
    mps2_put(name);
    mps2_say(" ", at);
}

int main(void)
{
    bool right = live();

    for (unsigned verb = 0; verb < STACK_TRY; verb++) {
        tell(stack_name((enum stack_verb)verb), stack_used((enum stack_verb)verb));
    }
    mps2_exit(right ? 0 : 1);
}
