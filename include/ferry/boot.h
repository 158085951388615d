/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootloader's half: decides which bank boots, records the decision before it acts
 * on it, and lets no code run that is not signed for this device. Linked into the
 * bootloader that no update ever touches, so what it reads is frozen for a device's
 * life: envelope and manifest keys 0..19, identity block, both journals, hand-off block.
 * docs/PROTOCOL.md has every byte.
 *
 * A bootloader in five lines: find out why the chip was reset, ferry_identity_open(),
 * ferry_boot(), start the watchdog it asked for, jump to the image of the bank. */
#ifndef FERRY_BOOT_H
#define FERRY_BOOT_H

#include "ferry/hal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the identity block: burned at the factory, then locked ---------------------- */

#define FERRY_IDENTITY_LEN 624U

/* Read `block`, which stays borrowed: id->keys points into it. 0, or FERRY_E_ARG: it is
 * no identity block, or its CRC is wrong; `id` and `map` are then undefined. */
FERRY_MUST_USE int ferry_identity_open(struct ferry_identity *id, struct ferry_map *map,
                                       const uint8_t block[FERRY_IDENTITY_LEN]);
/* The inverse, for the factory. */
void ferry_identity_make(const struct ferry_identity *id, const struct ferry_map *map,
                         uint8_t block[FERRY_IDENTITY_LEN]);

/* ---- the hand-off block: at a fixed RAM address that a reset leaves alone -------- */

/* Why the chip was reset, as the port maps its causes. */
enum ferry_reset {
    FERRY_RESET_POWER = 1,  /* power-on, brown-out */
    FERRY_RESET_FAULT = 2,  /* watchdog, lockup, reset pin */
    FERRY_RESET_SOFT = 3,   /* by software: a fault, unless it was planned */
    FERRY_RESET_WAKE = 4,   /* out of a sleep mode */
    FERRY_RESET_PLANNED = 5 /* what a SOFT one with ferry_handoff_planned() becomes */
};

#define FERRY_HANDOFF_TRIAL 0x01U       /* unconfirmed: confirm, or be rolled back */
#define FERRY_HANDOFF_NO_FALLBACK 0x02U /* there is no other image to fall back on */
#define FERRY_HANDOFF_CRASH_LOOP 0x04U  /* this one was fallen back on, after crashes */
#define FERRY_HANDOFF_OPEN 0x08U        /* not all that should be locked could be */
#define FERRY_HANDOFF_UNWRITTEN 0x10U   /* the boot journal could not be written */

struct ferry_handoff {
    uint32_t magic;     /* FERRY_HANDOFF_MAGIC: the bootloader filled this in */
    uint8_t version;    /* of this block: 1 */
    uint8_t reset;      /* enum ferry_reset */
    uint8_t bank;       /* that boots */
    uint8_t attempts;   /* left in the trial; 0: confirmed */
    uint8_t flags;      /* FERRY_HANDOFF_* */
    uint8_t halt;       /* 0, or why nothing boots: an enum ferry_err, negated */
    uint8_t spare[2];   /* 0 */
    uint32_t raw_cause; /* the chip's own word for it */
    uint32_t wish;      /* from the application: what its reset means */
};
#define FERRY_HANDOFF_MAGIC 0x46484F31UL /* "1OHF" */

/* The application says, just before it resets the chip: it is my wish. */
void ferry_handoff_planned(struct ferry_handoff *h);
/* The same, because a trial lasted too long (ferry/app_journal.h says when). */
void ferry_handoff_expired(struct ferry_handoff *h);

/* ---- the decision ---------------------------------------------------------------- */

#define FERRY_TRIAL_FAULTS 3U   /* resets by fault, or expiries, that end a trial */
#define FERRY_TRIAL_POWERS 10U  /* power failures that end a trial */
#define FERRY_CRASH_LOOP 5U     /* unforgiven faults that end confirmed service */
#define FERRY_TRIAL_RETURNS 2U  /* rollbacks of one digest that leave no tombstone */
#define FERRY_BOOT_ROOM 384U    /* bytes of scratch memory */
#define FERRY_BOOT_LOCKS_MAX 8U /* areas a port may add */

/* A trial that no watchdog guards: an image that hangs in it stays. Say so by name. */
#define FERRY_TRIAL_UNGUARDED ferry_trial_unguarded
int ferry_trial_unguarded(void *ctx);

struct ferry_boot_config {
    const struct ferry_identity *identity;
    const struct ferry_map *map;
    const struct ferry_flash *flash;   /* every call ends before it returns */
    const struct ferry_crypto *crypto; /* the same; `sign` is not used */
    struct ferry_handoff *handoff;     /* as the reset left it */
    uint8_t *room;                     /* FERRY_BOOT_ROOM bytes, 4-aligned */
    const struct ferry_area *locks;    /* bootloader, identity block, radio stack */
    uint8_t locks_len;

    /* A watchdog may be running: feed it. Called at least every 4096 bytes hashed, and
     * around each signature check. May be NULL. */
    void (*alive)(void *ctx);
    /* Start a watchdog that the image on trial must feed. 0: it runs. NULL, or anything
     * else: a trial is not begun. See FERRY_TRIAL_UNGUARDED. */
    int (*arm_watchdog)(void *ctx);
    void *ctx; /* of these two */
};

/* Decide, record, lock. Returns the bank to jump to (0, 1), with cfg->handoff filled in;
 * or why nothing may boot: FERRY_E_HASH, FERRY_E_SIG_FINAL, the first of the envelope's
 * or policy's errors that speaks against the active bank, or FERRY_E_FLASH. Then the
 * port halts, or starts its recovery; nothing is locked.
 *
 * Blocks for as long as hashing an image takes, twice that after a fallback. A start of
 * a confirmed image without a fault writes nothing. */
FERRY_MUST_USE int ferry_boot(const struct ferry_boot_config *cfg,
                              enum ferry_reset reset, uint32_t raw_cause);

#ifdef __cplusplus
}
#endif
#endif
