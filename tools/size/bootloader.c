/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bootloader has of its own beside the engine, at the least: its decision, and
 * for a recovery one link, a polled UART. Only linked, to be measured; it never runs,
 * and the registers are an nRF52's so that they cost what registers cost. */
#include "ferry/app_journal.h"
#include "ferry/boot.h"
#include "ferry/device.h"

#define REGISTER(addr) (*(volatile uint32_t *)(addr))
#define UART_RECEIVED REGISTER(0x40002108UL)
#define UART_SENT REGISTER(0x4000211CUL)
#define UART_RXD REGISTER(0x40002518UL)
#define UART_TXD REGISTER(0x4000251CUL)
#define TICKS REGISTER(0x4000B504UL) /* 1,024 a second: near enough to milliseconds */

#define VALUE_LEN 64U

int decide(struct ferry_identity *id, struct ferry_map *map, const uint8_t *block,
           const struct ferry_boot_config *cfg, enum ferry_reset reset, uint32_t cause);
void recover(struct ferry_device *d, const struct ferry_device_config *cfg,
             struct ferry_app_journal *j, const struct ferry_app_journal_config *seam,
             struct ferry_commit *commit);

int decide(struct ferry_identity *id, struct ferry_map *map, const uint8_t *block,
           const struct ferry_boot_config *cfg, enum ferry_reset reset, uint32_t cause)
{
    int err = ferry_identity_open(id, map, block);

    return err == 0 ? ferry_boot(cfg, reset, cause) : err;
}

static void hear(struct ferry_device *d)
{
    while (UART_RECEIVED != 0) {
        UART_RECEIVED = 0;
        uint8_t byte = (uint8_t)UART_RXD;
        ferry_device_input(d, &byte, 1, TICKS);
    }
}

static void say(struct ferry_device *d)
{
    uint8_t value[VALUE_LEN];
    size_t len = ferry_device_output(d, value, sizeof value, TICKS);

    for (size_t i = 0; i < len; i++) {
        UART_SENT = 0;
        UART_TXD = value[i];
        while (UART_SENT == 0) {
        }
    }
}

/* Until the seam's reboot, which the port carries out. */
void recover(struct ferry_device *d, const struct ferry_device_config *cfg,
             struct ferry_app_journal *j, const struct ferry_app_journal_config *seam,
             struct ferry_commit *commit)
{
    int err = ferry_app_journal_open(j, seam, cfg->pool, TICKS);

    (void)err; /* nothing boots: that is why we are here */
    *commit = ferry_app_journal_commit(j);
    ferry_device_init(d, cfg, TICKS);
    ferry_device_link(d, true, TICKS);
    for (;;) {
        hear(d);
        say(d);
        if (ferry_device_deadline(d, TICKS) == 0) {
            ferry_device_tick(d, TICKS);
        }
    }
}
