/* Ran on no hardware; on the host in tests/port/softdevice, and compiled against the
 * headers of S130 1.0 that Debian's source of firmware-microbit-micropython carries.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Flash of an nRF5x while its SoftDevice is enabled: asynchronous, between radio events.
 * The SoftDevice takes one operation at a time from anybody, tells its end by an event
 * that does not say whose it was, and may fail for want of time between radio events.
 * This file makes that one `struct ferry_flash` that is PENDING; bootloaders, and
 * applications before sd_softdevice_enable(), use the NVMC instead. */
#ifndef FERRY_SOFTDEVICE_FLASH_H
#define FERRY_SOFTDEVICE_FLASH_H

#include "ferry/hal.h"

#define FERRY_SOFTDEVICE_TRIES 8U /* of one piece; then the call has failed */

struct ferry_softdevice_flash_config {
    uintptr_t base;              /* where the CPU sees flash address 0: 0 on the chip */
    uint16_t page_len;           /* bytes: 4096 on nRF52, 1024 on nRF51 */
    uint16_t words_max;          /* 32-bit words in one write; at most a page's */
    uint32_t erase_unit;         /* bytes, a whole number of pages */
    bool (*power_ok)(void *ctx); /* as in struct ferry_flash; may be NULL */
    void *ctx;                   /* of power_ok */
};

struct ferry_softdevice_flash {
    const struct ferry_softdevice_flash_config *cfg; /* borrowed */
    /* To read, since init. */
    uint32_t errors; /* pieces that the SoftDevice could not do, and did again */
    uint32_t busies; /* times that somebody else's operation was in the way */
    uint32_t strays; /* events that ended nothing of ours */
    /* Internals below. */
    uint8_t step; /* enum in softdevice_flash.c */
    bool erases;  /* the call under way is an erase */
    bool had;     /* the SoftDevice accepted the present piece once */
    bool lost;    /* an event came, and flash does not hold what it should */
    uint8_t tries;
    const uint8_t *buf;
    uint32_t addr, left; /* of the present piece; bytes to go, with it */
    uint32_t piece;      /* bytes */
    uint32_t now;        /* ms: the last look, */
    uint32_t begun;      /* when the call began, */
    uint32_t lost_at;    /* and when `lost` was seen */
    int status;
};

void ferry_softdevice_flash_init(struct ferry_softdevice_flash *f,
                                 const struct ferry_softdevice_flash_config *cfg);

/* What goes into struct ferry_device_config; `write` wants `buf` in RAM. */
struct ferry_flash ferry_softdevice_flash_hal(struct ferry_softdevice_flash *f);

/* Call with every event of sd_evt_get(), in the session's context. */
void ferry_softdevice_flash_event(struct ferry_softdevice_flash *f, uint32_t event,
                                  uint32_t now_ms);

/* Has the call under way ended? Then tell ferry_device_done() `*status`. Ask before each
 * ferry_device_tick(); it also goes on with what the SoftDevice would not take yet. */
bool ferry_softdevice_flash_ended(struct ferry_softdevice_flash *f, uint32_t now_ms,
                                  int *status);
/* Milliseconds until it wants to be asked without an event; UINT32_MAX: not. */
uint32_t ferry_softdevice_flash_wait(const struct ferry_softdevice_flash *f,
                                     uint32_t now_ms);

#endif
