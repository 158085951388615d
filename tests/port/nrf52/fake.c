/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows registers as pairs of address and number. Does not know what they mean. */
#include "fake.h"

#include <string.h>

#define REGISTERS 64U
#define LOG 4096U

struct word {
    uint32_t addr, value;
};

static struct word registers[REGISTERS], log_of[LOG];
static unsigned registers_len, log_len;
static struct fake_will mind;

unsigned fake_naps;
bool fake_held;
const uint8_t *fake_mem;

void fake_new(struct fake_will will)
{
    registers_len = 0;
    log_len = 0;
    fake_naps = 0;
    fake_held = false;
    mind = will;
}

static struct word *find(uint32_t addr)
{
    for (unsigned i = 0; i < registers_len; i++) {
        if (registers[i].addr == addr) {
            return &registers[i];
        }
    }
    assert_true(registers_len < REGISTERS);
    registers[registers_len] = (struct word){addr, 0};
    return &registers[registers_len++];
}

uint32_t fake_peek(uint32_t addr)
{
    return find(addr)->value;
}

void fake_poke(uint32_t addr, uint32_t value)
{
    find(addr)->value = value;
}

unsigned fake_written(uint32_t addr, uint32_t value)
{
    unsigned times = 0;

    for (unsigned i = 0; i < log_len; i++) {
        times += log_of[i].addr == addr && log_of[i].value == value;
    }
    return times;
}

unsigned fake_writes(uint32_t addr)
{
    unsigned times = 0;

    for (unsigned i = 0; i < log_len; i++) {
        times += log_of[i].addr == addr;
    }
    return times;
}

uint32_t nrf52_get(uint32_t addr)
{
    uint32_t value;

    return mind.get != NULL && mind.get(addr, &value) ? value : fake_peek(addr);
}

void nrf52_set(uint32_t addr, uint32_t value)
{
    assert_true(log_len < LOG);
    log_of[log_len++] = (struct word){addr, value};
    if (mind.set == NULL || !mind.set(addr, value)) {
        fake_poke(addr, value);
    }
}

void nrf52_copy_out(void *to, uint32_t addr, uint32_t len)
{
    memcpy(to, fake_mem + addr, len);
}

void nrf52_irq_hold(void)
{
    fake_held = true;
}

void nrf52_irq_release(void)
{
    fake_held = false;
}

void nrf52_wait_for_interrupt(void)
{
    fake_naps++;
}
