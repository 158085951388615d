/* SPDX-License-Identifier: Apache-2.0
 *
 * The port on a desk: a small chip, a SoftDevice that obeys, and a clock that a test
 * turns by hand. One desk to a program. */
#ifndef FERRY_TEST_SOFTDEVICE_DESK_H
#define FERRY_TEST_SOFTDEVICE_DESK_H

#include "check.h"
#include "fake.h"
#include "softdevice_soc.h"

#define PAGE 4096U

struct desk {
    struct sim_flash chip;
    struct fake_softdevice *sd;
    struct ferry_softdevice_flash_config cfg; /* may be changed before any call */
    struct ferry_softdevice_flash port;
    struct ferry_flash hal;
    uint32_t now;
    uint32_t words[PAGE / 4]; /* random; what desk_write() writes */
};

extern struct desk desk;

/* A cmocka setup: all of it anew. */
int desk_begin(void **state);
/* A millisecond; true: the call has ended, and so. */
bool desk_step(int *status);
/* How the call under way ended; ends the test if it has not by then. */
int desk_outcome(uint32_t within_ms);
void desk_expect_pending_for(uint32_t ms);

/* A whole erase, which must work. */
void desk_erase(uint32_t addr);
/* The beginning of a write. */
int desk_write(uint32_t addr, uint32_t len);
void desk_expect_written(uint32_t addr, uint32_t len);

#endif
