/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rooms of a life share: life.c knows the order of days and visits, life_device.c
 * what the device does in them, life_phone.c what the phone does. */
#ifndef FERRY_FIELD_LIFE_IN_H
#define FERRY_FIELD_LIFE_IN_H

#include "../../powercut/goods.h"
#include "life.h"
#include "rng.h"

#define LIFE_NEVER UINT32_MAX
#define LIFE_SUPERVISION_MS 4000U /* silence until both ends call it the end */

/* Times are since its beginning, in ms: 30 days fit 32 bits. */
struct life {
    struct world w;
    struct power power;
    enum sim_flash_mode mode; /* of flash, while no bootloader runs */
    struct life_wish wish;
    struct life_result r;

    uint64_t days_rng, phones_rng; /* what comes, whatever the device does */
    uint32_t loss_ppm;
    struct day day;
    uint32_t midnight; /* the end of that day */
    unsigned next;     /* visit of it */

    struct phone phone;
    bool near; /* a visit is on, until */
    uint32_t until;
    bool app_runs;      /* there is a courier */
    uint32_t greets_at; /* when it connects */
    uint32_t dies_at;   /* the phone */
    bool wipes;         /* what was received before this visit is yet to be forgotten */
    bool dark;          /* the device has no supply */
    bool over;
};

__attribute__((format(printf, 2, 3))) void life_tell(const struct life *l,
                                                     const char *format, ...);

/* ---- life_device.c --------------------------------------------------------------- */

/* 0: the old release, 1: the new one, whole and genuine; -1: neither. */
int life_running(const struct life *l);
/* The bootloader has decided, and the application has started. */
void life_started(struct life *l);
/* It has a supply again; this start, too, may be cut. */
void life_wake(struct life *l);
/* What a careful application does besides: it restarts when it was asked to, makes a
 * confirm true once nobody is near, and gives up a trial that lasts too long. */
void life_application(struct life *l);
/* An updater without a cursor: what a visit did not finish is lost. */
void life_start_over(struct life *l);

/* ---- life_phone.c ---------------------------------------------------------------- */

bool life_transferring(const struct life *l);
/* A phone is near, for `len` ms. */
void life_phone_comes(struct life *l, uint32_t len);
/* What it does now, if anything. */
void life_phone_acts(struct life *l);
/* Out of range: nothing arrives any more, and then both ends notice. */
void life_phone_goes(struct life *l);
/* What this courier did is counted, and the courier forgotten. */
void life_end_app(struct life *l);

#endif
