/* SPDX-License-Identifier: Apache-2.0
 *
 * A SoftDevice as softdevice_flash.c feels it: one flash operation at a time, done some
 * time after it was accepted, its end told by an event that waits until it is fetched.
 * It fails when it is told to, is busy with somebody else's operation, tells an event
 * twice, or never. What it does happens to a simulated flash, which holds the caller to
 * the chip's rules; and it ends the test if a buffer changes while it is borrowed. */
#ifndef FERRY_TEST_FAKE_SOFTDEVICE_H
#define FERRY_TEST_FAKE_SOFTDEVICE_H

#include "sim_flash.h"
#include "softdevice_flash.h"

#define FAKE_EVENTS 16U
#define FAKE_WRITE_MAX 4096U

enum fake_op { FAKE_IDLE, FAKE_WRITE, FAKE_ERASE, FAKE_FOREIGN };

struct fake_softdevice {
    struct sim_flash *flash;
    /* what is planned */
    uint32_t takes_ms;    /* an operation, from being accepted to its end */
    uint32_t fails;       /* so many of ours, from now on, end in an error, undone */
    uint32_t fails_ppm;   /* and each of ours with this chance */
    uint32_t doubles_ppm; /* an event is told twice */
    uint32_t others_ppm;  /* between two of ours comes somebody else's operation */
    uint32_t mutes;       /* so many of ours, from now on, end without an event */
    bool forbids;         /* everything is protected */
    uint64_t dice;
    /* what was seen */
    uint32_t writes, erases, words_most; /* accepted */
    uint32_t refused;                    /* as busy */
    /* what is under way */
    enum fake_op op;
    uint32_t now, due;
    uint32_t addr, len;
    const uint8_t *buf;
    uint8_t lent[FAKE_WRITE_MAX]; /* the buffer as it was */
    uint32_t event[FAKE_EVENTS];
    unsigned events;
};

/* The one SoftDevice there is, in front of this flash. */
struct fake_softdevice *fake_softdevice(struct sim_flash *flash);
/* Somebody else's operation begins; the SoftDevice must be idle. */
void fake_foreign(uint32_t takes_ms);
void fake_event(uint32_t event); /* out of nowhere */
/* Time goes on. */
void fake_time(uint32_t now);
/* sd_evt_get(): false, there is none. */
bool fake_fetch(uint32_t *event);

#endif
