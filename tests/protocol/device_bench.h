/* SPDX-License-Identifier: Apache-2.0
 *
 * A device on the bench: the real session over the simulated flash, one event at a
 * time. The bench plays courier and port; whatever it does goes through public verbs
 * and HAL callbacks, and every event is noted with the states before and after it. */
#ifndef FERRY_TEST_DEVICE_BENCH_H
#define FERRY_TEST_DEVICE_BENCH_H

#include "letters.h"
#include "msg.h"
#include "world.h"

enum bench_event { ON_OFFER, ON_REPORT, ON_GONE, ON_STEP, ON_GOOD, ON_BAD, ON_STUCK };

#define BENCH_IMAGE 5000U /* a table and two blocks */
#define NO_BLOCK 99U

struct bench {
    struct world w;
    bool crypto_pends; /* the crypto backend answers later */
    bool crypto_owed;
    bool chore;        /* the commit has flash work: an erase of a page of its own */
    int chore_status;  /* how it went */
    int report_result; /* of the commit's report() */
    unsigned signs;
    unsigned told[FERRY_EVENT_REPORTED + 1]; /* the commit, by event */
    uint16_t tag;
    uint8_t nonces, info_flags;
    uint8_t artifact[8192];
    size_t len, env_len;
    unsigned spoilt; /* transfer block whose chunks are altered on the way */
    struct ferry_frame_in ear;
    uint8_t ear_room[128];
    struct ferry_ack ack; /* the newest heard */
    uint8_t verdict, verdict_code, done_code;
    unsigned dones;
    uint8_t statement[FERRY_ENVELOPE_MAX]; /* as far as its pieces came, in order */
    uint16_t statement_total, statement_have;
    unsigned nones; /* answers that there is no statement */
    uint16_t seconds;
};

/* The test's statement of the device's table, and what was seen of it. */
extern const struct letters device_letters;
extern struct letters_seen device_seen;

/* device_port.c: its crypto and its commit are the bench's. */
void device_port(struct bench *b);
/* A device that waits, and a courier that said HELLO; all calls answer later. */
void bench_start(struct bench *b);
/* What it is offered: by default a good one. */
void bench_release(struct bench *b, const struct release *r, bool wrong_hash);
enum ferry_device_state bench_state(const struct bench *b);
void bench_expect(const struct bench *b, enum ferry_device_state state);

/* ---- events ---------------------------------------------------------------------- */

/* With a new nonce: the courier before is gone, or the device is busy with it. */
void bench_hello(struct bench *b);
void bench_piece(struct bench *b, uint16_t off, uint16_t total, uint16_t len);
void bench_offer(struct bench *b); /* all pieces */
/* Ask for the statement that answers this nonce, from `off` on. */
void bench_report(struct bench *b, uint8_t nonce, uint16_t off);
/* The link drops and is back at once; the session goes on. */
void bench_drop(struct bench *b);
void bench_step(struct bench *b);
/* The outstanding HAL call ends. Bad: it says so, or (`lies`) only flash shows it. */
void bench_good(struct bench *b);
void bench_bad(struct bench *b, bool lies);
void bench_stuck(struct bench *b);
/* No call is outstanding: late completions change nothing. */
void bench_late(struct bench *b);

/* ---- journeys -------------------------------------------------------------------- */

bool bench_outstanding(const struct bench *b);
void bench_listen(struct bench *b);
void bench_say(struct bench *b, const struct ferry_msg *m);
void bench_chunk(struct bench *b); /* the first missing one */
void bench_pass(struct bench *b, uint32_t ms);
/* One thing that moves things on, all calls ending well. */
void bench_go(struct bench *b);
void bench_until(struct bench *b, enum ferry_device_state state);
/* Until a call begins in this state. */
void bench_until_call(struct bench *b, enum ferry_device_state state);
/* Until block `base` is the first not verified. */
void bench_until_base(struct bench *b, uint16_t base);

#endif
