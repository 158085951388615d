/* SPDX-License-Identifier: Apache-2.0
 *
 * A journal's two pages that hold anything at all: raw bytes, and records with a right
 * CRC that nobody of ours wrote. */
#ifndef FERRY_FUZZ_JOURNALS_H
#define FERRY_FUZZ_JOURNALS_H

#include "chip.h"
#include "journal.h"

struct journal_kind {
    uint8_t kind, payload_len;
    uint32_t page[2];
};

struct journal_kind journals_boot_kind(const struct ferry_map *map);
struct journal_kind journals_app_kind(const struct ferry_map *map);

/* Records that nobody of ours wrote: numbers from `number` on, payloads by `make`. */
struct journal_forger {
    struct journal_kind kind;
    uint32_t number;
    void (*make)(struct fuzz_input *in, void *payload);
};

/* Fill both pages: marks, records whole and in part, patches, as the input wills. */
void journals_fill(struct sim_flash *f, struct fuzz_input *in,
                   const struct journal_forger *forger);

/* The same with a number of two bytes out of the input. */
void journals_forge(struct sim_flash *f, struct fuzz_input *in,
                    const struct journal_kind *kind,
                    void (*make)(struct fuzz_input *in, void *payload));

/* Look, which writes nothing. */
int journals_scan(struct ferry_journal *j, const struct ferry_flash *hal,
                  const struct journal_kind *kind, void *payload);
/* Append as a bootloader does. False: it was given up. */
bool journals_append(struct ferry_journal *j, const void *payload, uint8_t *room);

#endif
