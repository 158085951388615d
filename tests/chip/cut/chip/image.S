/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bank holds: a vector table, and code that goes on in the part of flash that
 * never changes (chip.c), so that an update is small. Real code, at the bank's own
 * address. */
#define STACK_TOP 0x2000F800
#define VECTORS 64

    .syntax unified
    .thumb
    .section .image, "ax"
    .word STACK_TOP
    .word start + 1
    .rept VECTORS - 2
    .word pass_on + 1
    .endr

    .thumb_func
    .global start
start:
    ldr r0, =CUT_SERVE_AT
    ldr r0, [r0]
    bx r0

/* Every exception is that of the same number in the table at address 0. */
    .thumb_func
pass_on:
    mrs r0, ipsr
    lsls r0, r0, #2
    ldr r0, [r0]
    bx r0
    .pool
