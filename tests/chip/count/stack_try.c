/* SPDX-License-Identifier: Apache-2.0
 *
 * A verb that uses STACK_TRY_FRAME bytes of stack, and no more. */
#include "stack.h"

void stack_try_verb(void)
{
    stack_try_callback();
    __asm__ volatile(""); /* not a jump: it keeps its frame */
}
