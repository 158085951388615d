/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the rules of sd_flash_write() and sd_flash_page_erase(). Does not know who
 * calls them. */
#include "fake.h"

#include <string.h>

#include "check.h"
#include "rng.h"
#include "softdevice_soc.h"

#define PAGE 4096U
#define ERROR_INVALID_LENGTH 9U
#define ERROR_FORBIDDEN 15U
#define ERROR_INVALID_ADDR 16U

static struct fake_softdevice fake;

struct fake_softdevice *fake_softdevice(struct sim_flash *flash)
{
    memset(&fake, 0, sizeof fake);
    fake.flash = flash;
    fake.takes_ms = 1;
    fake.dice = 1;
    return &fake;
}

void fake_event(uint32_t event)
{
    unsigned copies = rng_chance(&fake.dice, fake.doubles_ppm) ? 2 : 1;

    while (copies-- > 0) {
        assert_in_range(fake.events, 0, FAKE_EVENTS - 1);
        fake.event[fake.events++] = event;
    }
}

bool fake_fetch(uint32_t *event)
{
    if (fake.events == 0) {
        return false;
    }
    *event = fake.event[0];
    fake.events--;
    memmove(fake.event, fake.event + 1, fake.events * sizeof fake.event[0]);
    return true;
}

/* ---- calls ----------------------------------------------------------------------- */

static void begin(enum fake_op op, uint32_t takes_ms)
{
    fake.op = op;
    fake.due = fake.now + takes_ms;
}

void fake_foreign(uint32_t takes_ms)
{
    assert_int_equal(fake.op, FAKE_IDLE);
    begin(FAKE_FOREIGN, takes_ms);
}

static uint32_t judge(uint32_t addr, uint32_t len)
{
    if (fake.op != FAKE_IDLE) {
        fake.refused++;
        return NRF_ERROR_BUSY;
    }
    if (fake.forbids) {
        return ERROR_FORBIDDEN;
    }
    if (addr % 4 != 0 || addr + len > fake.flash->size) {
        return ERROR_INVALID_ADDR;
    }
    return NRF_SUCCESS;
}

uint32_t sd_flash_write(uint32_t *to, const uint32_t *from, uint32_t words)
{
    uint32_t addr = (uint32_t)((uint8_t *)to - fake.flash->bytes);
    uint32_t code = judge(addr, 4 * words);

    if (code != NRF_SUCCESS) {
        return code;
    }
    if (words == 0 || words > PAGE / 4) {
        return ERROR_INVALID_LENGTH;
    }
    assert_int_equal((uintptr_t)from % 4, 0);
    fake.addr = addr;
    fake.len = 4 * words;
    fake.buf = (const uint8_t *)from;
    memcpy(fake.lent, from, fake.len);
    fake.writes++;
    fake.words_most = words > fake.words_most ? words : fake.words_most;
    begin(FAKE_WRITE, fake.takes_ms);
    return NRF_SUCCESS;
}

uint32_t sd_flash_page_erase(uint32_t page)
{
    uint32_t code = judge(page * PAGE, PAGE);

    if (code != NRF_SUCCESS) {
        return code;
    }
    fake.addr = page * PAGE;
    fake.erases++;
    begin(FAKE_ERASE, fake.takes_ms);
    return NRF_SUCCESS;
}

/* ---- time ------------------------------------------------------------------------ */

static bool fails(void)
{
    if (fake.fails > 0) {
        fake.fails--;
        return true;
    }
    return rng_chance(&fake.dice, fake.fails_ppm);
}

static void carry_out(enum fake_op op)
{
    if (op == FAKE_WRITE) {
        assert_memory_equal(fake.buf, fake.lent, fake.len);
        assert_int_equal(sim_flash_write(fake.flash, fake.addr, fake.lent, fake.len),
                         0);
    } else {
        assert_int_equal(sim_flash_erase(fake.flash, fake.addr), 0);
    }
}

static void finish(enum fake_op op)
{
    uint32_t event = NRF_EVT_FLASH_OPERATION_SUCCESS;

    if (op != FAKE_FOREIGN) {
        if (fails()) {
            event = NRF_EVT_FLASH_OPERATION_ERROR;
        } else {
            carry_out(op);
        }
        if (fake.mutes > 0) {
            fake.mutes--;
            return;
        }
    }
    fake_event(event);
}

/* Somebody else's operation may slip in before the caller hears of the end of its own. */
void fake_time(uint32_t now)
{
    fake.now = now;
    if (fake.op == FAKE_IDLE || (int32_t)(now - fake.due) < 0) {
        return;
    }
    enum fake_op op = fake.op;
    fake.op = FAKE_IDLE;
    finish(op);
    if (op != FAKE_FOREIGN && rng_chance(&fake.dice, fake.others_ppm)) {
        fake_foreign(fake.takes_ms);
    }
}
