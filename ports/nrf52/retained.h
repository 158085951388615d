/* SPDX-License-Identifier: Apache-2.0
 *
 * The RAM that startup code never clears and no stack reaches, the same in bootloader
 * and application: 0x800 bytes below the first 64 KB of RAM. A reset leaves it alone, a
 * power failure does not. Here a debugger, or the harness around an emulator, finds the
 * hand-off block, the status block, and the registers that the model lacks. Ran on
 * QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_RETAINED_H
#define FERRY_NRF52_RETAINED_H

#include <stdint.h>

#define NRF52_RETAINED_ADDR 0x2000F800UL
#define NRF52_RETAINED_LEN 0x800UL

/* struct ferry_handoff (ferry/boot.h). Its `wish` says whether a reset was planned. */
#define NRF52_HANDOFF_ADDR 0x2000F800UL

/* ---- registers of the model alone (ports/nrf52/model), a word each -------------- */

/* RESETREAS as at power-on: who starts the machine puts the bits there, 0 for a power
 * failure, 1 pin, 2 watchdog, 4 software, 8 lockup, 0x10000 wake from OFF. The program
 * copies the word and clears it. */
#define NRF52_MODEL_RESETREAS_ADDR 0x2000F840UL

/* The watchdog's period in milliseconds; 0: it does not run. Only the program starts
 * it, and it survives a reset by software, as the real one does. A watchdog's or pin's
 * reset and a power failure clear the word. */
#define NRF52_MODEL_WATCHDOG_ADDR 0x2000F844UL

/* Goes up by one each time the watchdog is fed. Who plays the watchdog resets the
 * machine, with RESETREAS 2, when the period passes and this word stands still. */
#define NRF52_MODEL_FED_ADDR 0x2000F848UL

/* ---- what runs tells, in words --------------------------------------------------- */

#define NRF52_STATUS_ADDR 0x2000F880UL
#define NRF52_STATUS_MAGIC 0x54415453UL /* "STAT" */

enum nrf52_who {
    NRF52_WHO_BOOTLOADER = 1, /* it decides */
    NRF52_WHO_HALTED = 2,     /* the bootloader: nothing boots, `error` says why */
    NRF52_WHO_RECOVERY = 3,   /* the bootloader: nothing boots, and it serves updates */
    NRF52_WHO_APP = 4,        /* an application is up */
    NRF52_WHO_SELFTEST = 5,   /* the port's self-test is at work */
    NRF52_WHO_SELFTESTED = 6  /* and has ended: `error` checks failed */
};

/* Each word is written whole. `magic` goes last, after all that does not change. */
struct nrf52_status {
    uint32_t magic;   /* NRF52_STATUS_MAGIC */
    uint32_t who;     /* enum nrf52_who */
    uint32_t version; /* of the application as it was built: X << 16 | Y << 8 | Z */
    uint32_t link;    /* where its vector table stands */
    uint32_t bank;    /* that boots, or runs */
    uint32_t error;   /* the last enum ferry_err, negated; 0: none */
    uint32_t state;   /* enum ferry_device_state */
    uint32_t event;   /* the last enum ferry_event */
    uint32_t events;  /* how many of all kinds there were since the start */
    uint32_t
        trial; /* 1: unconfirmed, 2: confirmed and not yet known to the bootloader */
    uint32_t loops; /* goes up while the main loop runs */
    uint32_t up_ms; /* the application's clock */
};

/* struct ferry_port_selftest_kept (ports/template/selftest.h). */
#define NRF52_SELFTEST_ADDR 0x2000F8C0UL

#define NRF52_STATUS ((volatile struct nrf52_status *)NRF52_STATUS_ADDR)

#endif
