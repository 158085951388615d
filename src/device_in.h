/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rooms of the device's session share. From the ground up:
 * device_say.c speaks; device_base.c has what all need; device_offer.c judges,
 * device_stage.c fills the bank, device_gate.c verifies and commits, device_report.c makes
 * statements; device_states.c has the states, device.c the events and the verbs;
 * device_hear.c listens. */
#ifndef FERRY_DEVICE_IN_H
#define FERRY_DEVICE_IN_H

#include "ferry/device.h"
#include "msg.h"

typedef enum ferry_device_state ferry_state;

/* Everything that can happen to a state. */
enum ferry_device_event {
    FERRY_ON_OFFER,  /* a piece of an envelope */
    FERRY_ON_REPORT, /* a statement is asked for, and none is at hand */
    FERRY_ON_DOWN,   /* the link went down */
    FERRY_ON_GONE,   /* the courier is gone: silence, ABORT, another HELLO */
    FERRY_ON_TICK,   /* time for the next step of work */
    FERRY_ON_ENDED,  /* the outstanding HAL call ended, with d->result */
    FERRY_ON_STUCK   /* it never ended */
};

/* The HAL call that is outstanding, numbered by what it means if it never ends. */
enum ferry_call {
    FERRY_CALL_NONE = 0,
    FERRY_CALL_FLASH = -FERRY_E_FLASH,
    FERRY_CALL_CRYPTO = -FERRY_E_CRYPTO,
    FERRY_CALL_COMMIT = -FERRY_E_COMMIT
};

/* Owed to the courier, in the order they are said. */
enum ferry_owed {
    FERRY_OWE_INFO = 1,
    FERRY_OWE_VERDICT = 2,
    FERRY_OWE_DONE = 4,
    FERRY_OWE_NO_STATEMENT = 8,
    FERRY_OWE_STATEMENT = 16 /* once it is made */
};

/* In the pool, 4-aligned: FERRY_TBS_SPARE bytes and the envelope, padded to the largest
 * write unit, then a digest; or a statement instead, then its nonce. */
#define FERRY_POOL_ENVELOPE 12U
#define FERRY_POOL_DIGEST (FERRY_POOL_ENVELOPE + 352U)
#define FERRY_POOL_MIN (FERRY_POOL_DIGEST + FERRY_HASH_LEN)

#define FERRY_POLL_MS 1000U  /* between questions to the application or the supply */
#define FERRY_CHECK_MS 1000U /* between two signature checks */
#define FERRY_SIGN_MS 2000U  /* between two statements */
#define FERRY_EPOCHS_MAX 3U  /* refills without a newly verified block */

/* What a state does is two functions: one takes the next step, the other knows what
 * follows from its end. The step's result is in d->result; a positive one (it is pending,
 * or there is more of it) leaves the state as it is. */

/* ---- device_states.c ------------------------------------------------------------- */

/* A piece of an envelope. Where the pool is at work, it is only answered. */
ferry_state ferry_device_on_offer(struct ferry_device *d, const struct ferry_msg *m);
/* The next step of work. */
ferry_state ferry_device_step(struct ferry_device *d);
/* What follows from the end of a step's HAL call. */
ferry_state ferry_device_ended(struct ferry_device *d);

/* ---- device.c -------------------------------------------------------------------- */

void ferry_device_happens(struct ferry_device *d, enum ferry_device_event ev,
                          const struct ferry_msg *m);

/* ---- device_base.c --------------------------------------------------------------- */

void ferry_device_tell(struct ferry_device *d, enum ferry_event event, int err);
/* FERRY_EVENT_REBOOT, if the application agrees. */
void ferry_device_ask_reboot(struct ferry_device *d);
/* Have tick called at once, or after a while. */
void ferry_device_rouse(struct ferry_device *d);
void ferry_device_sleep(struct ferry_device *d, uint32_t ms);
/* Is the supply high enough? If not, tick asks again. */
bool ferry_device_powered(struct ferry_device *d);
/* Seconds left of a pause. Right however long ago it began, wrapping clock and all. */
uint32_t ferry_device_seconds(const struct ferry_device *d, uint32_t since,
                              uint32_t pause_ms);

/* A chunk buffer, by its place in the ring. */
uint8_t *ferry_device_slot(const struct ferry_device *d, unsigned place);
void ferry_device_empty(struct ferry_device *d);
/* The envelope, in the same memory, with the digest of the one on offer behind it. */
static inline uint8_t *ferry_device_envelope(const struct ferry_device *d)
{
    return d->env;
}
static inline uint8_t *ferry_device_offered(const struct ferry_device *d)
{
    return d->env + FERRY_POOL_DIGEST - FERRY_POOL_ENVELOPE;
}
/* The nonce of a statement, in the same place. */
static inline uint8_t *ferry_device_nonce(const struct ferry_device *d)
{
    return ferry_device_offered(d);
}
/* Read the bank's envelope into the pool. */
bool ferry_device_load(struct ferry_device *d);

/* Where a session goes when an offer leads nowhere, and the ways there. */
ferry_state ferry_device_resting(struct ferry_device *d);
ferry_state ferry_device_answer(struct ferry_device *d, enum ferry_verdict kind,
                                unsigned code, uint32_t number);
ferry_state ferry_device_refuse(struct ferry_device *d, int err);
ferry_state ferry_device_give_up(struct ferry_device *d, int err);

/* The bank does not hold what the manifest promises. */
void ferry_device_mismatch(struct ferry_device *d, int err);
/* A signature was refused: the one at hand in the pool is the offender. */
void ferry_device_accuse(struct ferry_device *d, uint8_t slot, int err);

/* The commit's own flash work comes first, one piece a tick. True: this tick is used. */
bool ferry_device_keep(struct ferry_device *d);
/* The next piece; NULL: is there any? */
bool ferry_device_next(const struct ferry_device *d, struct ferry_flash_op *op);
/* A piece of it ended, with d->result. */
void ferry_device_kept(struct ferry_device *d);

/* A HAL call was made, with this result; PENDING: it has a deadline. */
void ferry_device_started(struct ferry_device *d, enum ferry_call which, int status);
/* The envelope in the pool: its form, and its digest behind it. */
int ferry_device_examine(struct ferry_device *d, struct ferry_envelope *e);
/* Is that the digest of the transfer under way, or of the last one? */
bool ferry_device_same(const struct ferry_device *d);
/* Ask the backend about its signature. */
void ferry_device_ask(struct ferry_device *d, const struct ferry_envelope *e);
void ferry_device_write(struct ferry_device *d, uint32_t addr, uint8_t *buf,
                        uint32_t len);
/* Erase the staging bank's next unit, if supply and budget allow, and count it. */
ferry_state ferry_device_erase(struct ferry_device *d);
ferry_state ferry_device_erased(struct ferry_device *d);
/* Flash does not hold what it should: try again, or give up at the third time. */
ferry_state ferry_device_failed(struct ferry_device *d, int err);

/* ---- device_offer.c -------------------------------------------------------------- */

ferry_state ferry_device_collect(struct ferry_device *d, const struct ferry_msg *m);
ferry_state ferry_device_check_offer(struct ferry_device *d);
ferry_state ferry_device_offer_checked(struct ferry_device *d);

/* ---- device_stage.c -------------------------------------------------------------- */

ferry_state ferry_device_look(struct ferry_device *d);
ferry_state ferry_device_clear(struct ferry_device *d);
ferry_state ferry_device_cleared(struct ferry_device *d);
ferry_state ferry_device_receive(struct ferry_device *d);
ferry_state ferry_device_landed(struct ferry_device *d);

/* ---- device_gate.c --------------------------------------------------------------- */

ferry_state ferry_device_hash_image(struct ferry_device *d);
ferry_state ferry_device_check_gate(struct ferry_device *d);
ferry_state ferry_device_gate_checked(struct ferry_device *d);
ferry_state ferry_device_commit(struct ferry_device *d);
ferry_state ferry_device_committed(struct ferry_device *d);
ferry_state ferry_device_await_reboot(struct ferry_device *d);
ferry_state ferry_device_drop_header(struct ferry_device *d);

/* ---- device_report.c ------------------------------------------------------------- */

ferry_state ferry_device_begin_report(struct ferry_device *d);
ferry_state ferry_device_report(struct ferry_device *d);
ferry_state ferry_device_reported(struct ferry_device *d);
/* Its next piece, or that there is none. */
void ferry_device_say_piece(struct ferry_device *d, struct ferry_msg *m);
void ferry_device_say_none(struct ferry_device *d, struct ferry_msg *m);
/* The pool is needed for something else. */
void ferry_device_drop_report(struct ferry_device *d);

/* ---- device_say.c ---------------------------------------------------------------- */

void ferry_device_owe_ack(struct ferry_device *d);
void ferry_device_owe_verdict(struct ferry_device *d, enum ferry_verdict kind,
                              unsigned code, uint32_t number);
/* The transfer ended: 0 = committed, or why not. */
void ferry_device_owe_done(struct ferry_device *d, int err);
/* A nack, or the answer to a STATUS?, is due: said when what is queued is settled. */
void ferry_device_when_settled(struct ferry_device *d);
/* The oldest queued chunk left the ring: what waited for it may be said. */
void ferry_device_settled(struct ferry_device *d);

#endif
