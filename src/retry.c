/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows deadlines: from measured round trips (smoothed as RFC 6298 does, alpha = 1/8),
 * doubling while nothing is heard, and an end to silence. Does not know connection
 * intervals, nor what is asked. */
#include "retry.h"

#define FIRST_MS 1000U
#define LEAST_MS 300U
#define MOST_MS 8000U

/*@ requires \valid_read(r);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures 300 <= \result <= 8000; */
static uint16_t patience(const struct ferry_retry *r)
{
    uint32_t ms = 4UL * r->smoothed;

    if (r->smoothed == 0) {
        ms = FIRST_MS;
    }
    return (uint16_t)(ms < LEAST_MS ? LEAST_MS : ms > MOST_MS ? MOST_MS : ms);
}

void ferry_retry_start(struct ferry_retry *r, uint32_t now)
{
    r->smoothed = 0;
    r->timed = 0;
    ferry_retry_heard(r, now, 0);
}

void ferry_retry_heard(struct ferry_retry *r, uint32_t now, uint32_t busy_ms)
{
    r->heard = now;
    r->backoff = patience(r);
    r->due = now + r->backoff + busy_ms;
}

bool ferry_retry_due(const struct ferry_retry *r, uint32_t now)
{
    return ferry_reached(now, r->due);
}

void ferry_retry_asked(struct ferry_retry *r, uint32_t now)
{
    r->backoff = (uint16_t)(r->backoff > MOST_MS / 2 ? MOST_MS : r->backoff * 2U);
    r->due = now + r->backoff;
}

bool ferry_retry_silent(const struct ferry_retry *r, uint32_t now)
{
    return ferry_reached(now, r->heard + FERRY_SILENCE_MS);
}

void ferry_retry_time(struct ferry_retry *r, uint32_t order, uint32_t now)
{
    if (r->timed == 0) {
        r->timed = order;
        r->timed_at = now;
    }
}

void ferry_retry_timed(struct ferry_retry *r, uint32_t now, bool acked)
{
    if (acked) {
        uint32_t ms = now - r->timed_at;
        ms = ms < 1 ? 1 : ms > MOST_MS ? MOST_MS : ms;
        r->smoothed = (uint16_t)(r->smoothed == 0 ? ms : (7UL * r->smoothed + ms) / 8);
    }
    r->timed = 0;
}
