/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of one device from the day a release is published: phones come and go, its
 * battery and theirs give out, until the release runs confirmed, or thirty days are over.
 * Device, couriers, bootloader and both journals are the real engine. */
#ifndef FERRY_FIELD_LIFE_H
#define FERRY_FIELD_LIFE_H

#include "phones.h"
#include "power.h"

#define LIFE_DAYS 30U

/* Devices of one kind can take no longer values than so. */
#define LIFE_CLASSES 3U
extern const uint16_t life_mtu[LIFE_CLASSES];

struct life_wish {
    uint64_t seed;   /* of the whole field */
    uint32_t number; /* of the device */
    bool
        resume; /* else the staging bank is wiped before each visit, as if there were no
                  * cursor */
    bool tells; /* every event, on stdout */
};

struct life_result {
    double days;        /* until the release ran, confirmed; below 0: it does not */
    uint8_t mtu_class;  /* index into life_mtu */
    bool brick;         /* nothing boots */
    bool stray;         /* what boots is neither old nor new, or not always the same */
    uint32_t visits;    /* of phones */
    uint32_t image_len; /* bytes */
    uint32_t sent;      /* image bytes that couriers sent, repeats included */
    uint32_t wire;      /* all bytes that left couriers */
    uint32_t values, lost; /* either way */
    /* A transfer was under way when ... */
    uint32_t gone;   /* the phone went out of range */
    uint32_t killed; /* the phone's battery, or its app, was gone */
    uint32_t reset;  /* the device lost its supply */
    uint32_t starts; /* of the bootloader */
    uint32_t parks, statements, rollbacks;
    uint32_t cuts[POWER_AREAS], kinds[SIM_CUTS]; /* into flash operations */
};

/* Sign the releases; once. The new image has this many bytes. */
void life_prepare(uint32_t image_len);
void life_live(const struct life_wish *wish, struct life_result *r);

uint32_t life_interruptions(const struct life_result *r);
uint32_t life_cuts(const struct life_result *r);

#endif
