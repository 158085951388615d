/* SPDX-License-Identifier: Apache-2.0
 *
 * A device with its bootloader, from the factory on: three releases for it, the ways to
 * get one on trial, and what may happen to it then. Small: a start costs microseconds. */
#ifndef FERRY_BOOTS_H
#define FERRY_BOOTS_H

#include "peer.h"

/* Made by boots_releases(). */
extern struct cargo first;  /* 1.0.0, counter 5, for bank 0: the factory's */
extern struct cargo second; /* 1.1.0, counter 7, for bank 1 */
extern struct cargo third;  /* 1.2.0, counter 9, for bank 0 */

/* A release for `bank` of a device of boots_options(), and a cargo of it. */
void boots_release(struct release *r, unsigned bank, uint32_t version,
                   uint32_t sec_ctr);
void boots_cargo(struct cargo *c, unsigned bank, uint32_t version, uint32_t sec_ctr,
                 uint8_t slot);
void boots_releases(void);
/* Banks of 8 KiB, erase units of 512 bytes, writes that end at once. */
void boots_options(struct world_options *o);

/* ---- devices --------------------------------------------------------------------- */

struct world *device_of(const struct world_options *o);
struct world *new_device(void);     /* `first` runs, confirmed by the factory */
struct world *trial_device(void);   /* `second` runs for the first time, in bank 1 */
struct world *updated_device(void); /* `second` runs, confirmed; `first` in bank 0 */

/* ---- what may happen ------------------------------------------------------------- */

/* `c` stands in the staging bank, and the application asks for its boot. */
void commit(struct world *w, const struct cargo *c);
/* The same, and the chip is reset as planned. */
void try_out(struct world *w, const struct cargo *c);
/* Whoever runs puts `c` into `bank` and asks for it, with no ticket and by no rule; then
 * a planned reset. */
void demand(struct world *w, unsigned bank, const struct cargo *c);
/* A courier completes HELLO, wants nothing, and is gone. */
void meet(struct world *w);
/* The chip is reset; the application starts, if anything boots. */
void reset(struct world *w, enum ferry_reset reset);
void reset_times(struct world *w, enum ferry_reset reset, unsigned times);
/* A trial's application is confirmed, and a planned reset makes it so. */
void confirm(struct world *w);
/* The application gives its trial up as too long. */
void expire(struct world *w);
/* A bit of the image in `bank` rots; the same again heals it. */
void rot(struct world *w, unsigned bank);
/* The same with the signature of its envelope, which no digest covers. */
void rot_signature(struct world *w, unsigned bank);
/* A bit of the word that ends the application's newest record reads otherwise; the same
 * again heals it. While its journal is in its first page. */
void rot_request(struct world *w);
/* Both journals, or one of them, hold nothing but rubbish. */
void lose_boot_journal(struct world *w);
void lose_app_journal(struct world *w);

/* ---- questions ------------------------------------------------------------------- */

/* This one runs, byte for byte what was signed, and so says the hand-off block. */
#define expect_runs(w, c, trial) boots_expect(w, c, trial, __FILE__, __LINE__)
void boots_expect(struct world *w, const struct cargo *c, bool trial, const char *file,
                  int line);
/* A stranger offers it and goes. 0: accepted; negative: why not; positive: why later. */
int offer_of(struct world *w, const struct cargo *c);
/* No write and no erase in the last start of the bootloader? */
bool boot_wrote_nothing(const struct world *w);
bool buried(struct world *w); /* is there a tombstone? */
bool without_net(const struct world *w);

#endif
