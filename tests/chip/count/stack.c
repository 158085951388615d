/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to change stacks on a Cortex-M, and how paint shows what was used. What the
 * change of stacks itself takes is measured in the same way, and left out; the port's own
 * frame of a callback is not. */
#include "stack.h"

#include <stdbool.h>
#include <stddef.h>

#define PAINT 0xA5C3E187UL
#define WORDS 2048U /* of each stack */

static _Alignas(8) uint32_t engine_stack[WORDS], port_stack[WORDS * 4];
static uint32_t most[STACK_VERBS];
static bool in_port;

typedef uint32_t function(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
                          uint32_t, uint32_t);

/* A call that is carried over to another stack. Every argument of every function here
 * is passed in words, and no function has more than eight of them; one that has fewer
 * never looks at the others. */
static struct {
    function *f;
    uint32_t a[8], result;
} call;

static void make_call(void)
{
    const uint32_t *a = call.a;
    call.result = call.f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
}

void stack_change(void *top, void (*f)(void));
__attribute__((naked)) void stack_change(void *top __attribute__((unused)),
                                         void (*f)(void) __attribute__((unused)))
{
    __asm__ volatile("push {r4, lr}\n\t"
                     "mov r4, sp\n\t"
                     "mov sp, r0\n\t"
                     "blx r1\n\t"
                     "mov sp, r4\n\t"
                     "pop {r4, pc}");
}

static uint32_t words_used(void)
{
    unsigned clean = 0;

    while (clean < WORDS && engine_stack[clean] == PAINT) {
        clean++;
    }
    return WORDS - clean;
}

static uint32_t run_verb(enum stack_verb verb)
{
    for (unsigned i = 0; i < WORDS; i++) {
        engine_stack[i] = PAINT;
    }
    stack_change(engine_stack + WORDS, make_call);
    uint32_t result = call.result, used = words_used() * 4;
    most[verb] = used > most[verb] ? used : most[verb];
    return result;
}

/* What a callback calls in its turn stays on the stack where it is. */
static uint32_t run_callback(void)
{
    if (in_port) {
        make_call();
    } else {
        in_port = true;
        stack_change(port_stack + WORDS * 4, make_call);
        in_port = false;
    }
    return call.result;
}

/* ---- the calls that come here ---------------------------------------------------- */

#define INSTEAD_OF(name, run)                                                          \
    function __real_##name, __wrap_##name;                                             \
    uint32_t __wrap_##name(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, \
                           uint32_t f, uint32_t g, uint32_t h)                         \
    {                                                                                  \
        uint32_t *to = call.a;                                                         \
        call.f = __real_##name;                                                        \
        to[0] = a, to[1] = b, to[2] = c, to[3] = d;                                    \
        to[4] = e, to[5] = f, to[6] = g, to[7] = h;                                    \
        return run;                                                                    \
    }
#define VERB(name, verb) INSTEAD_OF(name, run_verb(verb))
#define CALLBACK(name) INSTEAD_OF(name, run_callback())

VERB(ferry_device_init, STACK_DEVICE_INIT)
VERB(ferry_device_input, STACK_DEVICE_INPUT)
VERB(ferry_device_output, STACK_DEVICE_OUTPUT)
VERB(ferry_device_tick, STACK_DEVICE_TICK)
VERB(ferry_device_deadline, STACK_DEVICE_DEADLINE)
VERB(ferry_device_done, STACK_DEVICE_DONE)
VERB(ferry_device_link, STACK_DEVICE_LINK)
VERB(ferry_app_journal_open, STACK_JOURNAL_OPEN)
VERB(ferry_courier_init, STACK_COURIER_INIT)
VERB(ferry_courier_input, STACK_COURIER_INPUT)
VERB(ferry_courier_output, STACK_COURIER_OUTPUT)
VERB(ferry_courier_tick, STACK_COURIER_TICK)
VERB(ferry_courier_deadline, STACK_COURIER_DEADLINE)
VERB(ferry_courier_link, STACK_COURIER_LINK)
VERB(ferry_boot, STACK_BOOT)
VERB(stack_try_verb, STACK_TRY)

CALLBACK(sim_flash_erase)
CALLBACK(sim_flash_write)
CALLBACK(sim_flash_read)
CALLBACK(sim_flash_lock)
CALLBACK(crypto_hash_sha256_init)
CALLBACK(crypto_hash_sha256_update)
CALLBACK(crypto_hash_sha256_final)
CALLBACK(crypto_sign_verify_detached)
CALLBACK(crypto_sign_detached)
CALLBACK(world_seam_event)
CALLBACK(world_seam_read)
CALLBACK(world_seam_statement)
CALLBACK(stack_try_callback)

/* ---- what was found -------------------------------------------------------------- */

const char *stack_name(enum stack_verb verb)
{
    static const char *const names[STACK_VERBS] = {
        [STACK_DEVICE_INIT] = "ferry_device_init",
        [STACK_DEVICE_INPUT] = "ferry_device_input",
        [STACK_DEVICE_OUTPUT] = "ferry_device_output",
        [STACK_DEVICE_TICK] = "ferry_device_tick",
        [STACK_DEVICE_DEADLINE] = "ferry_device_deadline",
        [STACK_DEVICE_DONE] = "ferry_device_done",
        [STACK_DEVICE_LINK] = "ferry_device_link",
        [STACK_JOURNAL_OPEN] = "ferry_app_journal_open",
        [STACK_COURIER_INIT] = "ferry_courier_init",
        [STACK_COURIER_INPUT] = "ferry_courier_input",
        [STACK_COURIER_OUTPUT] = "ferry_courier_output",
        [STACK_COURIER_TICK] = "ferry_courier_tick",
        [STACK_COURIER_DEADLINE] = "ferry_courier_deadline",
        [STACK_COURIER_LINK] = "ferry_courier_link",
        [STACK_BOOT] = "ferry_boot",
        [STACK_TRY] = "nothing"};
    return names[verb];
}

/* What a verb that does nothing but call a callback seems to use, its own frame apart. */
static uint32_t overhead(void)
{
    stack_try_verb();
    return most[STACK_TRY] - STACK_TRY_FRAME;
}

uint32_t stack_used(enum stack_verb verb)
{
    uint32_t ours = overhead();
    return most[verb] > ours ? most[verb] - ours : 0;
}
