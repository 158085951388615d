/* SPDX-License-Identifier: Apache-2.0
 *
 * A sender in the middle of a small transfer, the acks it hears, and what it must send
 * next. */
#ifndef FERRY_TEST_SENDING_H
#define FERRY_TEST_SENDING_H

#include "sender.h"
#include "window.h"

/* Table of 2 chunks (0, 1); blocks 1 and 2 whole (from 32 and 64); block 3 of 3. */
extern const struct ferry_shape sending_shape;

/* An ack of epoch 0 that grants four chunks. */
struct ferry_ack saying(uint16_t base, uint32_t bits0, uint32_t bits1);

/* In block 1, nothing sent yet, four chunks of credit. */
void begin_sending(struct ferry_sender *s);

/* An ack in the sender's own epoch; one that answers its newest STATUS?. Both return
 * what ferry_sender_ack does. */
int hear_ack(struct ferry_sender *s, uint16_t base, uint32_t bits0, uint32_t bits1);
int hear_answer(struct ferry_sender *s, uint16_t base, uint32_t bits0, uint32_t bits1);

/* Send what comes next, which must be this chunk: as itself, sent before or not, ... */
uint32_t expect_send(struct ferry_sender *s, int32_t index, bool repeat);
/* ... as the spare copy of a retransmission, ... */
void expect_spare(struct ferry_sender *s, int32_t index);
/* ... the first four of block 1, ... */
void expect_four(struct ferry_sender *s);
/* ... or none. */
void expect_nothing_to_send(const struct ferry_sender *s);

#endif
