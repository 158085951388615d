/* SPDX-License-Identifier: Apache-2.0
 *
 * A courier on the bench: the real session against a device that the test plays, reply
 * by reply. Every event is noted with the states before and after it. */
#ifndef FERRY_TEST_COURIER_BENCH_H
#define FERRY_TEST_COURIER_BENCH_H

#include "ferry/courier.h"
#include "letters.h"
#include "msg.h"

enum ashore_event {
    ON_UP,
    ON_DOWN,
    ON_STOP,
    ON_INFO,
    ON_ACCEPT,
    ON_RUNNING,
    ON_LATER,
    ON_REFUSE,
    ON_MORE,
    ON_ACK,
    ON_STATEMENT,
    ON_OK,
    ON_AGAIN,
    ON_NEVER,
    ON_UNREADABLE,
    ON_TIME
};

#define ASHORE_TAG 0x2468U
#define ASHORE_IMAGE 5000U

struct ashore {
    struct ferry_courier c;
    struct ferry_courier_config cfg;
    uint32_t now;
    uint16_t tag; /* the device's replies are sealed with it */
    bool unreadable;
    bool elsewhere; /* E_VERSION means: it runs in the other bank, as RUNNING */
    uint8_t artifact[6000];
    size_t len;
    uint8_t token; /* of the last STATUS? that went out */
    unsigned chunks, aborts, reports;
    uint16_t report_off; /* of the last REPORT? */
    size_t statement;    /* bytes of the one that was handed over */
};

extern const struct letters courier_letters;
extern struct letters_seen courier_seen;

/* The link is down. `asks`: for a statement, before it offers its `artifacts`. */
void ashore_start(struct ashore *a, bool asks, uint8_t artifacts);
enum ferry_courier_state ashore_state(const struct ashore *a);
void ashore_expect(const struct ashore *a, enum ferry_courier_state state);
/* By the shortest way; from ashore_start() or without it. */
void ashore_go(struct ashore *a, enum ferry_courier_state state);
void ashore_start_in(struct ashore *a, enum ferry_courier_state state);

/* ---- events ---------------------------------------------------------------------- */

void ashore_link(struct ashore *a, bool up);
void ashore_stop(struct ashore *a);
/* Let `ms` pass, then tick. */
void ashore_time(struct ashore *a, uint32_t ms);
/* What a good device's INFO says; may be bent before it is told. */
void ashore_info(const struct ashore *a, struct ferry_msg *m);
void ashore_ack(struct ferry_ack *ack);
void ashore_tell(struct ashore *a, const struct ferry_msg *m);
void ashore_tell_info(struct ashore *a);
void ashore_tell_verdict(struct ashore *a, enum ferry_verdict kind);
void ashore_tell_ack(struct ashore *a, const struct ferry_ack *ack);
/* `len` bytes at `off`, each of them its offset. Of total 0: there is none. */
void ashore_tell_statement(struct ashore *a, uint16_t total, uint16_t off,
                           uint16_t len);
void ashore_tell_done(struct ashore *a, int err);
/* All that the courier wants to say now, 20 bytes a value. */
void ashore_hear(struct ashore *a);

#endif
