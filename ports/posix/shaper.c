/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows when a Bluetooth LE link takes values, how many, and which of them get lost.
 * Does not know links, clocks or frames. */
#include "shaper.h"

#include <string.h>

#define ATT_HEAD 3U
#define MTU_MIN 23U
#define MTU_MAX 515U /* values of 512 bytes */
#define HALF 0x80000000U
#define MILLION 1000000U

/* xorshift64* (Vigna, ACM TOMS 2016); never 0. */
static uint32_t draw(uint64_t *s)
{
    *s ^= *s >> 12;
    *s ^= *s << 25;
    *s ^= *s >> 27;
    return (uint32_t)(*s * 0x2545F4914F6CDD1DULL >> 32);
}

static uint32_t multiple_after(const struct ferry_shaper *s, uint32_t now)
{
    return now - now % s->cfg.interval_ms + s->cfg.interval_ms;
}

int ferry_shaper_init(struct ferry_shaper *s, const struct ferry_shaper_config *cfg,
                      uint32_t now_ms)
{
    if (cfg->interval_ms == 0 || cfg->interval_ms >= HALF || cfg->per_event == 0 ||
        cfg->mtu < MTU_MIN || cfg->mtu > MTU_MAX || cfg->loss_ppm > MILLION) {
        return FERRY_E_ARG;
    }
    memset(s, 0, sizeof *s);
    s->cfg = *cfg;
    s->rng = cfg->seed * 2654435761ULL + 88172645463325252ULL;
    s->rng += s->rng == 0;
    ferry_shaper_restart(s, now_ms);
    return 0;
}

void ferry_shaper_restart(struct ferry_shaper *s, uint32_t now_ms)
{
    s->credits = 0;
    s->next_event = multiple_after(s, now_ms);
}

uint32_t ferry_shaper_credits(struct ferry_shaper *s, uint32_t now_ms)
{
    uint32_t late = now_ms - s->next_event;

    if (late < HALF) {
        uint32_t missed = late / s->cfg.interval_ms;
        uint32_t made_up = missed < s->cfg.catch_up ? missed : s->cfg.catch_up;
        s->credits = (1 + made_up) * s->cfg.per_event;
        s->next_event += (1 + missed) * s->cfg.interval_ms;
        s->events += 1 + missed;
    }
    return s->credits;
}

bool ferry_shaper_take(struct ferry_shaper *s, size_t len)
{
    bool lost = ((uint64_t)draw(&s->rng) * MILLION >> 32) < s->cfg.loss_ppm;

    s->credits -= s->credits > 0;
    s->values++;
    s->bytes += (uint32_t)len;
    s->lost += lost;
    return !lost;
}

void ferry_shaper_end(struct ferry_shaper *s)
{
    s->credits = 0;
}

uint32_t ferry_shaper_wait(const struct ferry_shaper *s, uint32_t now_ms)
{
    uint32_t left = s->next_event - now_ms;

    return s->credits > 0 || left >= HALF ? 0 : left;
}

size_t ferry_shaper_value_max(const struct ferry_shaper *s)
{
    return s->cfg.mtu - ATT_HEAD;
}
