/* SPDX-License-Identifier: Apache-2.0
 *
 * What every scenario wants: the one world of its program, cargo to carry, a journey that
 * is watched at every step, and the questions asked at its end. */
#ifndef FERRY_SCENE_H
#define FERRY_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rng.h"
#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE 60000U
#define HOUR (60U * MINUTE)
#define DAY (24U * HOUR)
#define BLOCK FERRY_BLOCK_LEN

/* ---- cargo ----------------------------------------------------------------------- */

#define CARGO_MAX (224U * 1024U)

/* A signed artifact and the image inside it. */
struct cargo {
    struct artifact_bytes artifact;
    uint32_t len; /* of the image */
    size_t env_len, table_len;
    const uint8_t *env, *table, *image; /* point into bytes */
    uint8_t digest[FERRY_HASH_LEN];     /* of the envelope */
    bool untrue;                        /* it says another hash than its image has */
    uint8_t bytes[CARGO_MAX + BLOCK + FERRY_ENVELOPE_MAX];
};

/* An image of `len` random bytes in a default release (r = NULL) or this one. */
void cargo_make(struct cargo *c, const struct release *r, uint32_t len, uint64_t seed);
/* The same envelope and table around other image bytes, and the like: `bytes` may be
 * written through this. */
uint8_t *cargo_edit(struct cargo *c, const uint8_t *part);
/* An envelope around that manifest replaces the cargo's own. */
void cargo_resign(struct cargo *c, const struct ferry_manifest *m, uint8_t slot);
/* The payload bytes a courier sends for this chunk of the transfer. */
const uint8_t *cargo_chunk(const struct cargo *c, const struct ferry_shape *s,
                           uint32_t index);

/* ---- the world ------------------------------------------------------------------- */

/* world_defaults() with banks of 64 KiB and a fast link (MTU 247, 15 ms). */
void scene_options(struct world_options *o);
/* The one world of this program, made anew. */
struct world *scene(const struct world_options *o);
/* A device of scene_options() and nothing else said. */
struct world *plain_scene(void);
struct world *scene_now(void);
/* Copy the world away, and bring the copy back. */
void scene_keep(void);
void scene_bring_back(void);

/* A courier with this cargo and nothing else; it connects. */
void send_courier(struct world *w, const struct cargo *c);
/* Run, and hold the device to its word at every step: what it acks or counts as
 * verified is in flash. False: it did not reach DONE. A courier that missed DONE learns
 * it after the reboot. */
bool travel(struct world *w, const struct cargo *c, uint32_t ms);
/* The same where chunks are forged: only what is verified must be right. */
bool travel_forged(struct world *w, const struct cargo *c, uint32_t ms);
/* Until the device is in that state, or `ms` have passed. */
bool run_until(struct world *w, enum ferry_device_state s, uint32_t ms);
/* Until the courier is parked, or an hour has passed. */
void run_until_parked(struct world *w);
/* Until this many more connection events have passed, or the courier is done. */
void run_events(struct world *w, unsigned n);

/* ---- questions ------------------------------------------------------------------- */

/* Flash operations so far. */
uint32_t flash_ops(const struct world *w);
/* The image is in bank 1, byte for byte, and that very envelope was committed. */
void expect_arrived(const struct world *w, const struct cargo *c);
/* Nothing was committed, and nothing said to be. */
void expect_no_commit(const struct world *w);
/* `e` is the err.h name of a refusal or park; tells both names when they differ. */
#define expect_err(row, got, want) scene_expect_err(row, got, want, __FILE__, __LINE__)
void scene_expect_err(const char *row, int got, int want, const char *file, int line);
/* A fact about a row of a table, or a round of a loop: its name is told if it fails. */
#define expect_true(row, fact) scene_expect_true(row, fact, #fact, __FILE__, __LINE__)
void scene_expect_true(const char *row, bool fact, const char *words, const char *file,
                       int line);
/* "name 12" for the round of a loop; valid until the fourth call after it. */
const char *round_name(const char *name, uint32_t n);

#endif
