/* SPDX-License-Identifier: Apache-2.0
 *
 * A device that is updated for the rest of its life: pages like an nRF52840's, real
 * journals and a real bootloader, images of three blocks, and a count of the erases of
 * every page. Knows how an update goes; not how many a part is good for. */
#ifndef FERRY_LIFETIME_H
#define FERRY_LIFETIME_H

#include "boots.h"

#define LIFETIME_UNIT 4096U
#define LIFETIME_BLOCKS 3U                   /* of an image */
#define LIFETIME_BANK (1U + LIFETIME_BLOCKS) /* pages of a bank: one header */
#define LIFETIME_PAGES (2U * LIFETIME_BANK + 4U)

/* What has been worn by whom. */
enum lifetime_area {
    LIFETIME_HEADERS,
    LIFETIME_IMAGES,
    LIFETIME_BOOT_JOURNAL,
    LIFETIME_APP_JOURNAL,
    LIFETIME_AREAS
};

struct lifetime_wear {
    uint32_t pages, total, most; /* erases of all pages, and of the one with the most */
};

/* A device as it leaves the factory, in the one world; erases are counted from here. */
struct world *lifetime_device(void);
/* The n-th release for it: for the bank that is free. */
void lifetime_release(struct world *w, struct cargo *c, uint32_t n);
/* From the offer to the confirm that the bootloader has seen. */
void lifetime_update(struct world *w, const struct cargo *c);

const char *lifetime_area_name(enum lifetime_area area);
struct lifetime_wear lifetime_wear(const struct world *w, enum lifetime_area area);
/* All erases and all programmed words so far. */
uint32_t lifetime_erases(const struct world *w);
uint32_t lifetime_words(const struct world *w);

#endif
