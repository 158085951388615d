/* SPDX-License-Identifier: Apache-2.0
 *
 * One device, one courier, a link between them with somebody hostile in the middle, and
 * a clock: both ends of the journey in one process and in virtual time. The device runs
 * the real engine over a simulated flash and real cryptography.
 *
 * A world is one struct: copied out, and later back to where it was, it goes on as if
 * nothing had happened since (world_snapshot, world_restore). */
#ifndef FERRY_SIM_WORLD_H
#define FERRY_SIM_WORLD_H

#include "board.h"
#include "crypto_sodium.h"
#include "ferry/courier.h"
#include "ferry/device.h"
#include "flash_time.h"
#include "release.h"
#include "sim_hal.h"
#include "sim_link.h"
#include "sim_range.h"

#define WORLD_POOL_MAX 8192U
#define WORLD_ARTIFACTS 4U

/* An in-memory stand-in for the boot journal: the commit seam of the HAL. */
struct sim_commit {
    struct ferry_boot_state state;
    struct ferry_ticket ticket;
    uint32_t requests;
    bool unknown; /* state answers that it does not know */
    int result;   /* what request answers */
    bool pending; /* answer FERRY_PENDING first; world_run gives the done() */
    bool owed;
};

struct sim_events {
    uint32_t begin, resume, block, refused, transfer, security, committed, reboot;
    int last_err;
};

struct world;
/* Sees every value before it arrives; may change or drop it (len = 0). */
typedef void (*world_middle)(struct world *w, unsigned direction, struct sim_value *v);

struct artifact_bytes {
    const uint8_t *bytes;
    size_t len;
};

struct world_options {
    uint16_t chunk;
    uint16_t pool_chunks;
    uint32_t bank_len, header_len, erase_unit;
    uint8_t write_unit, erased;
    enum sim_flash_mode mode;         /* how flash answers; ... */
    enum flash_time_model flash_time; /* ... or how long it takes, which says how */
    uint16_t mtu;
    uint32_t interval_ms;
    uint8_t per_event;
    uint32_t loss_ppm;
    uint8_t ack_every;
    uint64_t seed;
    bool toy;                      /* signatures are release_toy_verify()'s */
    struct artifact_bytes factory; /* in bank 0, with a real bootloader; NULL: none */
};

struct world {
    struct world_options opt;
    uint32_t now;
    struct sim_link link;
    struct sim_range range; /* of the phone; sim_range_start() begins it */
    world_middle middle;
    void *middle_ctx;

    /* the device */
    struct sim_flash flash;
    struct flash_time flash_time;
    struct ferry_flash flash_hal;
    struct ferry_flash boot_hal; /* as the bootloader sees it: nothing is pending */
    struct ferry_map map;
    struct ferry_key keys[FERRY_KEY_SLOTS];
    struct ferry_identity identity;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    struct sim_commit boot;
    struct ferry_commit commit;
    struct ferry_app app;
    struct sim_events events;
    struct ferry_device_config device_cfg;
    struct ferry_device device;
    uint32_t pool[WORLD_POOL_MAX / 4];
    struct sim_board board;
    bool reboot_wanted;
    uint16_t boots;

    /* the courier */
    struct artifact_bytes artifacts[WORLD_ARTIFACTS];
    struct ferry_courier_config courier_cfg;
    struct ferry_courier courier;
    bool unreadable; /* its artifact cannot be read */
    uint32_t reads_past_end;
    uint32_t nonces;
    uint8_t statement[FERRY_ENVELOPE_MAX]; /* the last one fetched */
    size_t statement_len;

    /* seen from outside */
    uint32_t image_began, image_acked; /* ms: first image chunk sent, last one acked */
};

void world_defaults(struct world_options *o);
void world_init(struct world *w, const struct world_options *o);
void world_crypto(struct world *w);       /* the backend, as the options want it */
void world_start_device(struct world *w); /* the application's part of a start */

/* The same world, at the same address: what lies in between has not happened. */
void world_snapshot(const struct world *w, struct world *copy);
void world_restore(struct world *w, const struct world *copy);

/* A new courier (another phone, or a restarted app) with these artifacts. */
void world_courier(struct world *w, const struct artifact_bytes *artifacts, unsigned n);
void world_connect(struct world *w);
void world_disconnect(struct world *w);

/* The device loses RAM and whatever flash was doing; then it boots what is active. */
void world_reset(struct world *w, enum ferry_reset reset);
void world_power_cut(struct world *w);
/* The bootloader's part, without one: boot what was committed, as confirmed. */
void world_reboot(struct world *w);

/* Let time pass: to the next thing that happens, but not past `until`. */
void world_step(struct world *w, uint32_t until);
void world_run(struct world *w, uint32_t ms);
/* Until the courier stops (DONE, REFUSED, PARKED for good) or `ms` have passed. True if
 * it ended in DONE. */
bool world_finish(struct world *w, uint32_t ms);

/* Does the staging (after a reboot: active) bank hold exactly this image? */
bool world_bank_holds(const struct world *w, unsigned bank, const uint8_t *image,
                      uint32_t len);
unsigned world_staging(const struct world *w);
/* Goodput from the first image chunk to the ack of the last, bytes per second. */
uint32_t world_goodput(const struct world *w, uint32_t image_len);

#endif
