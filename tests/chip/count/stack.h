/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the engine's verbs on a stack of their own, which is painted before each call, and
 * what they call (flash, crypto, the application) on another one. So the paint that is
 * gone is the engine's own use of the stack. The linker brings the calls here (--wrap;
 * the list stands in meson.build). Knows no life. */
#ifndef FERRY_COUNT_STACK_H
#define FERRY_COUNT_STACK_H

#include <stdint.h>

enum stack_verb {
    STACK_DEVICE_INIT,
    STACK_DEVICE_INPUT,
    STACK_DEVICE_OUTPUT,
    STACK_DEVICE_TICK,
    STACK_DEVICE_DEADLINE,
    STACK_DEVICE_DONE,
    STACK_DEVICE_LINK,
    STACK_JOURNAL_OPEN,
    STACK_COURIER_INIT,
    STACK_COURIER_INPUT,
    STACK_COURIER_OUTPUT,
    STACK_COURIER_TICK,
    STACK_COURIER_DEADLINE,
    STACK_COURIER_LINK,
    STACK_BOOT,
    STACK_TRY, /* of the measuring itself */
    STACK_VERBS
};

const char *stack_name(enum stack_verb verb);
/* The most that a call of it has used so far, in bytes; 0: it was never called. */
uint32_t stack_used(enum stack_verb verb);

/* A verb that only calls a callback; each in a file of its own, or the linker would not
 * bring their calls here. */
#define STACK_TRY_FRAME 8U
void stack_try_verb(void);
void stack_try_callback(void);

#endif
