/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows ARM's semihosting calls: a breakpoint that QEMU takes as a call of its own. On a
 * board without a debugger each would be a fault. Ran on QEMU only. */
#include <stdint.h>
#include <string.h>

#include "mps2.h"

#define SYS_WRITE0 0x04U
#define SYS_GET_CMDLINE 0x15U
#define SYS_EXIT_EXTENDED 0x20U
#define STOPPED_ITSELF 0x20026U

static uint32_t call(uint32_t op, const void *block)
{
    register uint32_t r0 __asm__("r0") = op;
    register const void *r1 __asm__("r1") = block;

    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void mps2_put(const char *words)
{
    (void)call(SYS_WRITE0, words);
}

void mps2_say(const char *label, const char *words)
{
    mps2_put(label);
    mps2_put(words);
    mps2_put("\n");
}

void mps2_exit(int code)
{
    uint32_t block[2] = {STOPPED_ITSELF, (uint32_t)code};

    (void)call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

/* QEMU gives the program's name first, then what -append said. */
void mps2_arguments(char *out, size_t cap)
{
    static char line[512];
    uint32_t block[2] = {(uint32_t)(uintptr_t)line, sizeof line};

    out[0] = '\0';
    if (call(SYS_GET_CMDLINE, block) != 0) {
        return;
    }
    const char *behind = strchr(line, ' ');
    if (behind != NULL) {
        strncpy(out, behind + 1, cap - 1);
        out[cap - 1] = '\0';
    }
}
