/* SPDX-License-Identifier: Apache-2.0
 *
 * A journal of small records on the simulated flash, and a writer who keeps to the rules:
 * after a start he looks, says anew what is in doubt, and acts after that. */
#ifndef JOURNAL_BENCH_H
#define JOURNAL_BENCH_H

#include "check.h"
#include "journal.h"
#include "rng.h"
#include "sim_hal.h"

#define PAGE 512U
#define PAYLOAD 16U
#define SLOT 32U  /* bytes of a slot, in write units of 4 */
#define SLOTS 15U /* that a page holds */
#define MARK_LEN 4U

/* Operations of an append, and those that a page turn puts before them. */
enum { HEAD, BODY, CONFIRM, APPEND_OPS };
enum { TURN_OPS = 2 };

struct writer {
    struct ferry_journal j;
    uint32_t said; /* what the newest record says; 0: there is none */
};

extern struct sim_flash flash;
extern struct ferry_flash hal; /* over it; a test may put itself in between */

/* A new chip with a journal that holds the records 1..n. */
void bench_journal(struct writer *w, uint32_t n);
/* With so many records in it the next append is the first to go to another page. */
uint32_t bench_full(void);
/* Look. False: there is none, or it cannot be read. */
bool bench_scan(struct writer *w);
/* Append `says`. False: it was given up. */
bool bench_append(struct writer *w, uint32_t says);
/* A start: look, and say anew what is in doubt, or that there is nothing. What is then in
 * w->said is acted on. */
void bench_start(struct writer *w);

/* The same with a cut in operation `at` of it; false: the supply went. */
bool bench_append_cut(struct writer *w, uint32_t says, uint32_t at, enum sim_cut how);
bool bench_start_cut(struct writer *w, uint32_t at, enum sim_cut how);

uint32_t bench_slot(unsigned page, unsigned slot); /* its address */

#endif
