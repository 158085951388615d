/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated flash for its own tests: four pages of 1024 bytes, all granted, the first
 * of them erased. Nothing here or in the tests that use it is Ferry's. */
#ifndef FLASH_BENCH_H
#define FLASH_BENCH_H

#include "check.h"
#include "rng.h"
#include "sim_flash.h"

#define PAGE 1024U
#define UNIT 4U
#define SIZE (4U * PAGE)

extern struct sim_flash flash;

/* A new chip, erased to 0xFF or 0x00. */
void bench_new(uint8_t erased);
/* The same, and the dice fall otherwise. */
void bench_new_seed(uint8_t erased, uint64_t seed);

/* A whole operation that must succeed at once. */
void bench_erase(uint32_t addr);
void bench_write(uint32_t addr, const void *buf, uint32_t len);
/* One byte, as a read finds it. */
uint8_t bench_byte(uint32_t addr);
/* Does every read of `times` say these bytes (NULL: erased)? */
bool bench_reads(uint32_t addr, const uint8_t *want, uint32_t len, unsigned times);

/* This operation, and in it the supply goes. */
void bench_cut_write(uint32_t addr, const uint8_t *buf, uint32_t len, enum sim_cut how);
void bench_cut_erase(uint32_t addr, enum sim_cut how);

/* Bits of these bytes that have no side. */
unsigned bench_weak(uint32_t addr, uint32_t len);
unsigned bench_ones(const uint8_t *bytes, uint32_t len);

#endif
