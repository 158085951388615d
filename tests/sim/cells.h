/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault under a simulated flash: the supply goes in the middle of an operation, and
 * leaves bits that have no side yet. They read differently at every read, or at every
 * start. Whoever runs inside cells_hold() when that happens never comes back.
 *
 *     cells_init(&cells, &w->flash, seed);
 *     cells_cut(&cells, n, SIM_CUT_FEW);        the n-th operation from now, from 0 on
 *     if (!cells_hold(&cells, journey, w)) {    the supply went
 *         board_start(w, FERRY_RESET_POWER);    a start throws the dice for weak bits */
#ifndef FERRY_SIM_CELLS_H
#define FERRY_SIM_CELLS_H

#include <setjmp.h>

#include "sim_flash.h"

/* What is left of an operation. The worst are those that leave a few bits weak, so that
 * a word reads right for a while. */
enum sim_cut {
    SIM_CUT_BEFORE, /* nothing has happened */
    SIM_CUT_FEW,    /* up to three bits are weak, the others as before */
    SIM_CUT_HALF,   /* a half has happened, a quarter is weak */
    SIM_CUT_MOST,   /* all has happened, but up to three bits are weak */
    SIM_CUT_WORD,   /* some words are done, one is torn, the others as before */
    SIM_CUT_AFTER,  /* all has happened; only nobody learnt of it */
    SIM_CUTS
};

struct sim_cells {
    struct sim_flash *flash;
    uint64_t rng;
    bool armed;
    enum sim_cut cut;
    uint32_t in;  /* operations until the one that is cut */
    uint32_t ops; /* operations so far, whole or cut */
    uint32_t cuts;
    uint32_t reused;      /* torn bytes that looked blank and were programmed again */
    bool restless;        /* weak bits change with every read, else with every start */
    uint8_t lean;         /* 0: they mostly read 0; 1: either; 2: mostly 1 */
    uint32_t weak_at, to; /* all weak bits lie in between */
    jmp_buf dark;         /* where a loss of power leads */
    uint8_t weak[SIM_FLASH_MAX]; /* per byte: bits without a side */
};

/* Put `c` under `flash`: no bit is weak, no cut is planned. One for each flash. */
void cells_init(struct sim_cells *c, struct sim_flash *flash, uint64_t seed);
/* The same again, cheaply: the flash was put back to what it was. */
void cells_heal(struct sim_cells *c, uint64_t seed);
void cells_cut(struct sim_cells *c, uint32_t in, enum sim_cut cut);
/* Run `part`. False: the supply went. A cut that was planned and did not come about is
 * forgotten. */
bool cells_hold(struct sim_cells *c, void (*part)(void *), void *ctx);

/* ---- for sim_flash.c ------------------------------------------------------------- */

/* An operation begins; does not return if it is the one that is cut. `buf` NULL: an
 * erase. */
void cells_begin(struct sim_cells *c, uint32_t addr, const uint8_t *buf, uint32_t len);
/* These bits have been programmed, or erased (`buf` NULL), for good. */
void cells_firm(struct sim_cells *c, uint32_t addr, const uint8_t *buf, uint32_t len);
/* May a word that was torn be programmed again? Only if nobody could see it. */
bool cells_blank(struct sim_cells *c, uint32_t addr);
void cells_read(struct sim_cells *c, uint32_t addr, uint8_t *buf, uint32_t len);
/* The chip starts: weak bits lean elsewhere now. */
void cells_wake(struct sim_cells *c);

#endif
