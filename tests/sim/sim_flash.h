/* SPDX-License-Identifier: Apache-2.0
 *
 * A NOR flash in memory that holds its user to the rules: erase before program, a write
 * unit at most once between erases, only inside granted areas, one call at a time. A
 * broken rule ends the test at once, naming address and rule. It can answer at once,
 * later, or erase in slices, and it can be told to misbehave. A plain struct: a copy
 * of it is a snapshot. */
#ifndef FERRY_SIM_FLASH_H
#define FERRY_SIM_FLASH_H

#include "ferry/hal.h"

#define SIM_FLASH_MAX (1536U * 1024U)
#define SIM_FLASH_GRANTS 8U
#define SIM_FLASH_LOCKS 8U

struct sim_cells; /* cells.h: what a power loss does to bits */

enum sim_flash_mode {
    SIM_FLASH_SYNC,  /* every call ends before it returns */
    SIM_FLASH_ASYNC, /* every call is FERRY_PENDING, done() comes later */
    SIM_FLASH_SLICED /* writes at once, an erase in `slices` slices */
};

/* What may be made to happen to the next operation of a kind. */
enum sim_fault {
    SIM_FAULT_NONE,
    SIM_FAULT_ERROR, /* nothing happens, and it says so */
    SIM_FAULT_NO_OP, /* nothing happens, and it says 0 */
    SIM_FAULT_NEVER  /* asynchronous: done() never comes */
};

struct sim_flash {
    uint32_t size;
    uint32_t erase_unit;
    uint8_t write_unit;
    uint8_t erased;
    enum sim_flash_mode mode;
    uint32_t erase_ms, write_ms; /* of an asynchronous call */
    uint8_t slices;

    struct ferry_area granted[SIM_FLASH_GRANTS]; /* len 0: unused */
    struct ferry_area locked[SIM_FLASH_LOCKS];   /* until the next reset */
    uint8_t locked_n;
    bool hostile; /* the writer is nobody of ours: a lock answers, and ends no test */
    bool power_low;
    enum sim_fault erase_fault, write_fault;
    uint32_t faults;              /* how many more operations the fault hits */
    struct ferry_area faulty;     /* where; len 0: anywhere */
    struct ferry_area unreadable; /* a read that touches it fails; len 0: none */
    struct sim_cells *cells;      /* NULL: no operation is ever cut */

    /* counters */
    uint32_t erases, writes, words;
    uint32_t refused; /* by a lock */

    /* the outstanding call */
    const uint32_t *now;
    enum { SIM_IDLE, SIM_ERASING, SIM_WRITING } op;
    bool never;
    uint32_t op_addr, op_len;
    const uint8_t *op_buf; /* borrowed: read when the call ends, as hardware would */
    uint32_t due;
    int op_status;
    uint32_t slice_addr;
    uint8_t slices_done;

    uint8_t bytes[SIM_FLASH_MAX];
    uint8_t programmed[SIM_FLASH_MAX]; /* per byte: programmed since the last erase */
};

void sim_flash_init(struct sim_flash *f, uint32_t size, uint32_t erase_unit,
                    uint8_t write_unit, uint8_t erased);
void sim_flash_grant(struct sim_flash *f, unsigned i, struct ferry_area area);

/* The HAL over it; `now` is read at each asynchronous call. */
struct ferry_flash sim_flash_hal(struct sim_flash *f, const uint32_t *now);

/* Has the outstanding call ended by now? Then *status is what done() must be told. */
bool sim_flash_ended(struct sim_flash *f, uint32_t now, int *status);
/* Milliseconds until it does; UINT32_MAX: nothing is outstanding. */
uint32_t sim_flash_wait(const struct sim_flash *f, uint32_t now);

/* The device loses its supply: an outstanding call is cut short. */
void sim_flash_reset(struct sim_flash *f);

#endif
