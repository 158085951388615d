/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier's side of the window: what is in flight, what was lost, what goes next.
 * A transmission is known to be lost when the device acks something sent after it, when
 * the answer to a STATUS? sent after it shows it missing, or when the device says that
 * a frame was damaged and it is the oldest that nothing is known about. */
#ifndef FERRY_SENDER_H
#define FERRY_SENDER_H

#include "ferry/parts.h"

void ferry_sender_init(struct ferry_sender *s, const struct ferry_shape *shape);

/* Take in an ack. `answered`: it answers our newest STATUS?. Returns the number of
 * newly acked chunks, or FERRY_E_PROTO if no honest device says this. */
int ferry_sender_ack(struct ferry_sender *s, const struct ferry_ack *a, bool answered);

/* A frame was damaged on its way: the oldest transmission that nothing is known about is
 * taken for it, unless the ack that says so has shown by itself which one was lost. That
 * is good enough to send a chunk again, and counts as its failure only where no other is
 * in flight. `going`: the newest transmission is not out yet. */
void ferry_sender_nack(struct ferry_sender *s, bool going);

/* The chunk to send now: its index, or -1. *second is set when it is the spare copy of
 * one just retransmitted, which should not share a link value with it. */
int32_t ferry_sender_next(const struct ferry_sender *s, bool *second);
/* It was sent. Returns its ordinal; *repeat: it had been sent before. */
uint32_t ferry_sender_sent(struct ferry_sender *s, uint32_t index, bool *repeat);
/* Is the transmission with this ordinal still in flight? */
bool ferry_sender_flying(const struct ferry_sender *s, uint32_t order);
/* A STATUS? goes out: what its answer shows missing was lost. */
void ferry_sender_status(struct ferry_sender *s);

#endif
