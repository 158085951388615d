/* SPDX-License-Identifier: Apache-2.0
 *
 * What an MPS2 program has beside port.h: words and an exit code for whoever runs it
 * under QEMU (ARM semihosting), and its interrupt handlers. Ran on QEMU only. */
#ifndef FERRY_MPS2_H
#define FERRY_MPS2_H

#include <stddef.h>

/* For the console: words as they are; a line. */
void mps2_put(const char *words);
void mps2_say(const char *label, const char *words);
/* Ends QEMU with this code. */
void mps2_exit(int code) __attribute__((noreturn));
/* What QEMU was told by -append; "" without it. */
void mps2_arguments(char *out, size_t cap);

/* Whoever links clock.c, reset.c or link.c has these; all other interrupts are faults. */
void mps2_on_systick(void);
void mps2_on_nmi(void);
void mps2_on_uart0(void);

#endif
