/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows in which order an application asks the port. Does not know what a test wants. */
#include "desk.h"

#define SIZE 32768U

struct desk desk;

int desk_begin(void **state)
{
    struct dice d = {7};

    (void)state;
    sim_flash_init(&desk.chip, SIZE, PAGE, 4, 0xFF);
    sim_flash_grant(&desk.chip, 0, 0, SIZE);
    desk.sd = fake_softdevice(&desk.chip);
    desk.cfg = (struct ferry_softdevice_flash_config){
        .base = (uintptr_t)desk.chip.bytes,
        .page_len = PAGE,
        .words_max = PAGE / 4,
        .erase_unit = PAGE,
    };
    ferry_softdevice_flash_init(&desk.port, &desk.cfg);
    desk.hal = ferry_softdevice_flash_hal(&desk.port);
    desk.now = 1000;
    fake_time(desk.now);
    roll_bytes(&d, (uint8_t *)desk.words, sizeof desk.words);
    return 0;
}

bool desk_step(int *status)
{
    uint32_t event;

    fake_time(++desk.now);
    while (fake_fetch(&event)) {
        ferry_softdevice_flash_event(&desk.port, event, desk.now);
    }
    return ferry_softdevice_flash_ended(&desk.port, desk.now, status);
}

int desk_outcome(uint32_t within_ms)
{
    int status = 1;

    while (within_ms-- > 0) {
        if (desk_step(&status)) {
            return status;
        }
    }
    fail_msg("it has not ended");
    return status;
}

void desk_expect_pending_for(uint32_t ms)
{
    int status;

    while (ms-- > 0) {
        assert_false(desk_step(&status));
    }
}

void desk_erase(uint32_t addr)
{
    assert_int_equal(desk.hal.erase(desk.hal.ctx, addr), FERRY_PENDING);
    assert_int_equal(desk_outcome(10), 0);
}

int desk_write(uint32_t addr, uint32_t len)
{
    return desk.hal.write(desk.hal.ctx, addr, desk.words, len);
}

void desk_expect_written(uint32_t addr, uint32_t len)
{
    assert_memory_equal(desk.chip.bytes + addr, desk.words, len);
}
