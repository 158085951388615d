/* SPDX-License-Identifier: Apache-2.0
 *
 * The device of the golden files: a flash in memory, the real bootloader, application
 * journal and session over it. It stands alone, so that no change of the simulation
 * changes what the files mean. All numbers of it are constants for ever. */
#ifndef FERRY_GOLDEN_RIG_H
#define FERRY_GOLDEN_RIG_H

#include "crypto_sodium.h"
#include "ferry/app_journal.h"
#include "ferry/courier.h"
#include "ferry/device.h"

#define RIG_FLASH 0x8000U
#define RIG_VALUE 100U /* bytes in a link value */
#define RIG_STEP_MS 30U

struct rig_file {
    uint8_t bytes[16384];
    size_t len;
};

struct rig {
    uint8_t flash[RIG_FLASH];
    struct ferry_flash hal;
    uint8_t block[FERRY_IDENTITY_LEN];
    struct ferry_identity identity;
    struct ferry_map map;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    uint8_t public_key[32], secret_key[64]; /* the device's own */
    struct ferry_handoff handoff;
    struct ferry_boot_config boot_cfg;
    struct ferry_app_journal_config app_cfg;
    struct ferry_app_journal app;
    struct ferry_commit commit;
    struct ferry_device_config device_cfg;
    struct ferry_device device;
    uint32_t pool[102];
    uint32_t room[FERRY_BOOT_ROOM / 4];
    uint32_t now;
    unsigned step;
    int booted, opened;
    const char *broken; /* a rule of flash, if one was */
};

/* One value each way at most; len 0: nothing was said. */
struct rig_step {
    uint8_t to_device[RIG_VALUE], to_courier[RIG_VALUE];
    size_t to_device_len, to_courier_len;
};

/* A device with this identity block and a blank flash. 0, or FERRY_E_ARG. */
int rig_init(struct rig *r, const uint8_t *block, uint32_t erase_unit,
             uint8_t write_unit, uint8_t erased);
/* The same device, switched off. */
void rig_copy(struct rig *to, const struct rig *from);
/* As the factory, or a transfer, would have left it. */
void rig_install(struct rig *r, unsigned bank, const struct rig_file *artifact);
/* The bootloader runs; then, if anything boots, journal and session are opened. */
int rig_boot(struct rig *r, enum ferry_reset reset);
/* Both journals as they stand: four pages, the bootloader's first. */
void rig_pages(const struct rig *r, struct rig_file *pages);
void rig_put_pages(struct rig *r, const struct rig_file *pages);
/* Read one of them as its owner does (the application's also as the bootloader does:
 * `sound_only`). 0, or FERRY_E_STATE. */
int rig_read_boot(struct rig *r, struct ferry_journal *j,
                  struct ferry_boot_record *rec);
int rig_read_app(struct rig *r, bool sound_only, struct ferry_journal *j,
                 struct ferry_app_record *rec);

/* Ticks until there is nothing to do for now. */
void rig_drain(struct rig *r);

/* What the device says now into s->to_courier; then it hears s->to_device. */
void rig_device_step(struct rig *r, struct rig_step *s);
/* What a courier says now into s->to_device. Later it hears s->to_courier. */
void rig_courier_says(struct ferry_courier *c, uint32_t now, struct rig_step *s);
void rig_courier_hears(struct ferry_courier *c, uint32_t now, const struct rig_step *s);
/* Time passes: one step. */
void rig_pass(struct rig *r);

/* The courier that the recorded session had, with this artifact or (NULL) only for the
 * statement, which is handed to `take` with the artifact for its ctx. */
extern const uint8_t rig_nonce[FERRY_NONCE_LEN];
void rig_courier(struct ferry_courier *c, const struct rig_file *artifact,
                 void (*take)(void *ctx, const uint8_t *envelope, size_t len));

#endif
