/* SPDX-License-Identifier: Apache-2.0
 *
 * How long flash takes, put in front of a simulated flash that answers at once: each call
 * is pending for its time, and what it does happens at the end. Times are the nRF52840's
 * (85 ms a page of 4096 bytes, 41 us a word); the models differ in what goes on
 * meanwhile. */
#ifndef FERRY_SIM_FLASH_TIME_H
#define FERRY_SIM_FLASH_TIME_H

#include "sim_hal.h"

enum flash_time_model {
    FLASH_TIMELESS, /* this file stays out of the way */
    FLASH_ALIVE,    /* whole pages; the link goes on, and the device hears */
    FLASH_SLICED,   /* the erase in slices, with writes in between */
    FLASH_SILENT    /* whole pages; the radio does nothing during an erase */
};

struct flash_time {
    enum flash_time_model model;
    struct ferry_flash inner;
    const uint32_t *now;
    uint32_t slices;   /* that the flash wants for a page */
    uint32_t spare_us; /* of the last call's last millisecond */
    /* the outstanding call */
    enum { FLASH_TIME_IDLE, FLASH_TIME_ERASING, FLASH_TIME_WRITING } op;
    uint32_t addr, len;
    const void *buf;
    uint32_t due;
};

/* The HAL over `flash`, whose mode is set to what the model wants; a timeless one is
 * `inner` itself. */
struct ferry_flash flash_time_hal(struct flash_time *t, enum flash_time_model model,
                                  struct sim_flash *flash,
                                  const struct ferry_flash *inner);
/* Has the outstanding call ended by now? Then *status is what done() must be told. */
bool flash_time_ended(struct flash_time *t, uint32_t now, int *status);
/* Milliseconds until it does; UINT32_MAX: nothing is outstanding. */
uint32_t flash_time_wait(const struct flash_time *t, uint32_t now);
/* Is the radio silent? */
bool flash_time_silent(const struct flash_time *t);
/* The device loses its supply: the call under way has not happened. */
void flash_time_reset(struct flash_time *t);

#endif
