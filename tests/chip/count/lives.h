/* SPDX-License-Identifier: Apache-2.0
 *
 * Lives of a device on the target, from the factory on, with everything real but flash and
 * air: updates through a courier, trials, statements, refusals, full journals. Says by
 * marks.h what it is at; does not know who measures what. */
#ifndef FERRY_COUNT_LIVES_H
#define FERRY_COUNT_LIVES_H

#include "world.h"

struct life {
    struct world w;
    uint32_t version;               /* of the newest release; X << 24 | Y << 16 */
    int (*erase)(void *, uint32_t); /* the world's, behind ours */
    void (*sha256_init)(void *);
};

/* 1.0.0 in bank 0, confirmed by the factory, and started. */
void life_begin(struct life *l, uint16_t mtu, uint16_t chunk, uint16_t pool_chunks);

/* Each: did it come out as it should? */

/* The next release, of this length, until the device asks for its reset. */
bool life_carry(struct life *l, uint32_t image_len);
/* The same; the supply goes several times on the way. */
bool life_carry_with_cuts(struct life *l, uint32_t image_len);
/* Its trial, a courier that meets it, and the reset that makes it confirmed. */
bool life_try(struct life *l);
/* A statement is fetched, and its signature holds. */
bool life_report(struct life *l);
/* An offer that is forged, and one that is too old: both refused. */
bool life_refuse(struct life *l);
/* A trial that crashes until the previous image is back. */
bool life_roll_back(struct life *l);
/* One record more in each journal. */
bool life_fill_journals(struct life *l);
/* Both banks are damaged: the bootloader says so, and receives by itself. */
bool life_recover(struct life *l, uint32_t image_len);
/* A start of the bootloader that changes nothing. */
bool life_boot(struct life *l);

#endif
