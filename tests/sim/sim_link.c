/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a link does to values: when they go, and which of them arrive. Does not
 * know frames, nor who speaks. */
#include "sim_link.h"

#include <string.h>

#include "rng.h"

void sim_link_init(struct sim_link *l, uint16_t mtu, uint32_t interval_ms,
                   uint8_t per_event, uint64_t seed)
{
    memset(l, 0, sizeof *l);
    l->mtu = mtu;
    l->interval_ms = interval_ms;
    l->per_event = per_event;
    l->back_per_event = per_event;
    l->reply_events = 2;
    l->rng = seed * 2654435761ULL + 88172645463325252ULL;
}

size_t sim_link_value_max(const struct sim_link *l)
{
    return l->mtu - 3U;
}

void sim_link_clear(struct sim_link *l)
{
    l->queue[0].n = 0;
    l->queue[1].n = 0;
}

/* ---- queues ---------------------------------------------------------------------- */

static struct sim_value *place(struct sim_queue *q, unsigned i)
{
    return &q->v[(q->head + i) % SIM_QUEUE_MAX];
}

static void pop(struct sim_queue *q)
{
    q->head = (uint8_t)((q->head + 1U) % SIM_QUEUE_MAX);
    q->n--;
}

/* Events that a value waits in the phone before its reader sees it. */
static uint32_t delay(const struct sim_link *l, unsigned direction)
{
    return direction == SIM_TO_COURIER ? l->reply_events - 2U : 0;
}

static uint8_t carried(const struct sim_link *l, unsigned direction)
{
    return direction == SIM_TO_DEVICE ? l->per_event : l->back_per_event;
}

static bool chance(struct sim_link *l, uint32_t ppm)
{
    return ppm > 0 && rng_chance(&l->rng, ppm);
}

/* ---- an event -------------------------------------------------------------------- */

/* What an honest stack takes now: an event's worth, if the last one's has gone. */
static uint8_t honest_room(const struct sim_link *l, unsigned direction)
{
    uint32_t most = carried(l, direction) * (delay(l, direction) + 1U);
    uint32_t waiting = l->queue[direction].n;
    uint32_t room = most > waiting ? most - waiting : 0;

    return room < carried(l, direction) ? (uint8_t)room : carried(l, direction);
}

void sim_link_begin(struct sim_link *l, uint32_t now)
{
    l->event++;
    l->next_event = now + l->interval_ms;
    if (chance(l, l->bursting ? l->burst.end_ppm : l->burst.begin_ppm)) {
        l->bursting = !l->bursting;
    }
    for (unsigned d = 0; d < 2; d++) {
        l->room[d] = honest_room(l, d);
        l->air[d] = l->away ? 0 : carried(l, d);
    }
}

struct sim_value *sim_link_room(struct sim_link *l, unsigned direction)
{
    struct sim_queue *q = &l->queue[direction];
    bool careless = direction == SIM_TO_DEVICE && l->phone_queue > 0;

    if (careless) {
        return q->n < l->phone_queue && q->n < SIM_QUEUE_MAX ? place(q, q->n)
                                                             : &l->thrown;
    }
    return l->room[direction] > 0 && q->n < SIM_QUEUE_MAX ? place(q, q->n) : NULL;
}

void sim_link_said(struct sim_link *l, unsigned direction, struct sim_value *v,
                   size_t len)
{
    if (len == 0) {
        return;
    }
    if (v == &l->thrown) {
        l->dropped++;
        return;
    }
    v->len = (uint16_t)len;
    v->twin = false;
    v->due = l->event + delay(l, direction);
    l->queue[direction].n++;
    if (l->room[direction] > 0) {
        l->room[direction]--;
    }
}

/* ---- what the air does ----------------------------------------------------------- */

static bool is_lost(struct sim_link *l)
{
    return chance(l, l->bursting ? l->burst.loss_ppm : l->loss_ppm);
}

static void let_the_next_overtake(struct sim_link *l, struct sim_queue *q)
{
    struct sim_value *first = place(q, 0), *second = place(q, 1);

    if (q->n > 1 && second->due <= l->event && chance(l, l->swap_ppm)) {
        struct sim_value kept = *first;
        *first = *second;
        *second = kept;
    }
}

bool sim_link_arrives(struct sim_link *l, unsigned direction, struct sim_value *v)
{
    struct sim_queue *q = &l->queue[direction];

    while (q->n > 0 && l->air[direction] > 0 && place(q, 0)->due <= l->event) {
        let_the_next_overtake(l, q);
        struct sim_value *first = place(q, 0);
        bool twin = first->twin;
        bool lost = !twin && is_lost(l);
        if (!twin) {
            l->values[direction]++;
            l->bytes[direction] += first->len;
            l->lost[direction] += lost;
        }
        v->len = first->len;
        memcpy(v->bytes, first->bytes, first->len);
        first->twin = !twin && !lost && chance(l, l->double_ppm);
        if (!first->twin) {
            pop(q);
            l->air[direction]--;
        }
        if (!lost) {
            return true;
        }
    }
    return false;
}
