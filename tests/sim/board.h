/* SPDX-License-Identifier: Apache-2.0
 *
 * The world's device with a bootloader of its own: two journals, a hand-off block that a
 * reset leaves alone, a watchdog to arm, a key to sign statements with. Where a world is
 * given a factory image (world_options.factory) this stands behind its commit seam. */
#ifndef FERRY_SIM_BOARD_H
#define FERRY_SIM_BOARD_H

#include "ferry/app_journal.h"
#include "ferry/boot.h"

struct sim_board {
    struct ferry_handoff handoff;
    struct ferry_boot_config cfg;
    struct ferry_app_journal_config app_cfg;
    struct ferry_app_journal app;
    uint32_t room[FERRY_BOOT_ROOM / 4];
    uint8_t public_key[32], secret_key[64]; /* the device's own */

    uint32_t raw_cause; /* of the next reset, as this chip words it */
    int booted;         /* what ferry_boot() said last */
    int opened;         /* and ferry_app_journal_open() */
    bool selftest_fails;
    bool watchdog_fails;
    bool watchdog; /* armed since the last reset */
    uint32_t boots, alives;
    uint32_t boot_writes, boot_erases; /* of the last start of the bootloader */
};

struct world;
struct artifact_bytes;

/* Lay out the device and install the factory image. */
void board_install(struct world *w);

/* A reset of this kind: flash drops what it was at, and the bootloader runs, but nothing
 * that it lets boot: an image that hangs, or crashes at once. */
void board_boot(struct world *w, enum ferry_reset reset);
/* The same; if anything may boot, the application starts, and its self-test runs. */
void board_start(struct world *w, enum ferry_reset reset);
/* The application of what booted, with whatever the bootloader left. */
void board_start_app(struct world *w);
/* Nothing booted: the bootloader itself receives. */
void board_recover(struct world *w);
/* The bank that whoever runs may fill. */
unsigned board_staging(const struct world *w);
/* The application resets the chip, having said that it would. */
void board_planned_reset(struct world *w);

/* ---- what the application does --------------------------------------------------- */

/* This artifact stands in `bank`, as if it had been received. */
void board_place(struct world *w, unsigned bank, const struct artifact_bytes *a);
/* Ask, with a ticket that what stands in the staging bank has earned, for its boot: 0,
 * or why the application's journal did not take it. */
int board_commit(struct world *w);
/* Whoever runs writes this record into the application's journal: what no application
 * of ours would. False: flash did not take it. */
bool board_forge(struct world *w, const struct ferry_app_record *rec);
/* The same with a number of its own choice, or in the bootloader's journal. */
bool board_forge_number(struct world *w, const struct ferry_app_record *rec,
                        uint32_t number);
bool board_forge_boot(struct world *w, const struct ferry_boot_record *rec);

/* ---- questions ------------------------------------------------------------------- */

/* The records as they stand in flash; all zero: there is none. */
struct ferry_boot_record board_record(struct world *w);
struct ferry_app_record board_app_record(struct world *w);
/* Does `bank` hold this artifact, header and image? */
bool board_holds(const struct world *w, unsigned bank, const struct artifact_bytes *a);

/* Fetch a statement over the link and check its signature; false: there was none. It
 * points into the world. */
bool board_statement(struct world *w, const uint8_t nonce[FERRY_NONCE_LEN],
                     struct ferry_statement *s);

#endif
