/* SPDX-License-Identifier: Apache-2.0
 *
 * One device as it leaves the factory: identity block, and bank 0 with its header and
 * image. Made into a flat flash image, and read back out of one. Functions that return
 * int return an exit code and have said why. */
#ifndef FERRY_TOOL_UNIT_H
#define FERRY_TOOL_UNIT_H

#include "artifact.h"
#include "ferry/boot.h"
#include "map.h"
#include "view.h"

/* What every bootloader that is built from this tree can check. */
#define UNIT_CAPS (FERRY_CAP_KEY_DEVICE | FERRY_CAP_EDDSA)

/* Must stay where it is: identity.keys points to keys. */
struct unit {
    const struct board *board;
    struct ferry_identity identity;
    struct ferry_key keys[FERRY_KEY_SLOTS];
    bool has_image;    /* in bank 0: the next two mean something */
    struct bytes file; /* it, as an artifact's file */
    struct artifact a;
    bool boot_journal_blank, app_journal_blank, bank1_blank;
};

void unit_init(struct unit *u, const struct board *board);
void unit_free(struct unit *u);

/* Would this device boot u->a from bank 0? With `floor`, is it at least that? Every way
 * in which it would not is named. */
int unit_judge(struct unit *u, uint32_t floor);
/* The floor that its first start will record. */
uint32_t unit_floor(const struct unit *u);

/* The whole flash, erased but for this device. */
int unit_burn(const struct unit *u, struct bytes *flash);
/* The same as Intel HEX, in whole write units, without what is erased. */
int unit_hex(const struct unit *u, const struct bytes *flash, struct bytes *text);

/* What a flat flash image holds; `path` and `bank` are the words for it, and for bank 0
 * in it, in messages. */
int unit_find(struct unit *u, const struct bytes *flash, const char *path,
              const char *bank);

/* unit_show.c: all of it. */
void unit_show(struct view *v, struct unit *u);

#endif
