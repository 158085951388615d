/* SPDX-License-Identifier: Apache-2.0
 *
 * When to ask again, and when to give up. Time comes in, nothing goes out. */
#ifndef FERRY_RETRY_H
#define FERRY_RETRY_H

#include "ferry/parts.h"

#define FERRY_SILENCE_MS 30000U

/* Has `t` come? Right for times up to 24 days apart. */
/*@ terminates \true;
  @ assigns \nothing; */
static inline bool ferry_reached(uint32_t now, uint32_t t)
{
    return (uint32_t)(now - t) < 0x80000000U;
}

/* Milliseconds until `t`; 0 once it is reached. */
/*@ terminates \true;
  @ assigns \nothing;
  @ ensures \result < 0x80000000 || \result == (uint32_t)(t - now); */
static inline uint32_t ferry_until(uint32_t now, uint32_t t)
{
    return ferry_reached(now, t) ? 0 : t - now;
}

/* Begin to wait for an answer. */
/*@ requires \valid(r);
  @ terminates \true;
  @ assigns *r; */
void ferry_retry_start(struct ferry_retry *r, uint32_t now);
/* The peer was heard: it will need `busy_ms` besides a round trip. */
/*@ requires \valid(r);
  @ terminates \true;
  @ assigns r->heard, r->backoff, r->due;
  @ ensures 300 <= r->backoff <= 8000; */
void ferry_retry_heard(struct ferry_retry *r, uint32_t now, uint32_t busy_ms);
/*@ requires \valid_read(r);
  @ terminates \true;
  @ assigns \nothing; */
bool ferry_retry_due(const struct ferry_retry *r, uint32_t now);
/* Asked again: wait twice as long for the next time, up to 8 s. */
/*@ requires \valid(r);
  @ terminates \true;
  @ assigns r->backoff, r->due;
  @ ensures r->backoff <= 8000; */
void ferry_retry_asked(struct ferry_retry *r, uint32_t now);
/*@ requires \valid_read(r);
  @ terminates \true;
  @ assigns \nothing; */
bool ferry_retry_silent(const struct ferry_retry *r, uint32_t now);

/* A chunk that was never sent before went out with this ordinal. */
/*@ requires \valid(r);
  @ terminates \true;
  @ assigns r->timed, r->timed_at; */
void ferry_retry_time(struct ferry_retry *r, uint32_t order, uint32_t now);
/* The timed chunk's ack has come, or will never tell us anything. */
/*@ requires \valid(r) && r->smoothed <= 8000;
  @ terminates \true;
  @ assigns r->timed, r->smoothed;
  @ ensures r->smoothed <= 8000; */
void ferry_retry_timed(struct ferry_retry *r, uint32_t now, bool acked);

#endif
