/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to work a simulated flash by hand. Does not know what it should do. */
#include "flash_bench.h"

struct sim_flash flash;

void bench_new_seed(uint8_t erased, uint64_t seed)
{
    sim_flash_init(&flash, SIZE, PAGE, UNIT, erased);
    sim_flash_grant(&flash, 0, 0, SIZE);
    sim_flash_seed(&flash, seed);
    bench_erase(0);
}

void bench_new(uint8_t erased)
{
    bench_new_seed(erased, 1);
}

void bench_erase(uint32_t addr)
{
    assert_int_equal(sim_flash_erase(&flash, addr), SIM_FLASH_DONE);
}

void bench_write(uint32_t addr, const void *buf, uint32_t len)
{
    assert_int_equal(sim_flash_write(&flash, addr, buf, len), SIM_FLASH_DONE);
}

uint8_t bench_byte(uint32_t addr)
{
    uint8_t byte = 0;

    assert_int_equal(sim_flash_read(&flash, addr, &byte, 1), 0);
    return byte;
}

bool bench_reads(uint32_t addr, const uint8_t *want, uint32_t len, unsigned times)
{
    for (unsigned t = 0; t < times; t++) {
        for (uint32_t i = 0; i < len; i++) {
            if (bench_byte(addr + i) != (want != NULL ? want[i] : flash.erased)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- cuts ------------------------------------------------------------------------ */

static struct sim_op now;

static void operate(void *ctx)
{
    (void)ctx;
    if (now.buf == NULL) {
        (void)!sim_flash_erase(&flash, now.addr);
    } else {
        (void)!sim_flash_write(&flash, now.addr, now.buf, now.len);
    }
}

static void cut(const struct sim_op *op, enum sim_cut how)
{
    now = *op;
    sim_flash_cut(&flash, 0, how);
    assert_false(sim_flash_hold(&flash, operate, NULL));
}

void bench_cut_write(uint32_t addr, const uint8_t *buf, uint32_t len, enum sim_cut how)
{
    cut(&(struct sim_op){addr, len, buf}, how);
}

void bench_cut_erase(uint32_t addr, enum sim_cut how)
{
    cut(&(struct sim_op){addr, PAGE, NULL}, how);
}

/* ---- bits ------------------------------------------------------------------------ */

unsigned bench_ones(const uint8_t *bytes, uint32_t len)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < len; i++) {
        for (unsigned b = 0; b < 8; b++) {
            n += bytes[i] >> b & 1U;
        }
    }
    return n;
}

unsigned bench_weak(uint32_t addr, uint32_t len)
{
    return bench_ones(flash.weak + addr, len);
}
