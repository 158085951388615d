/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a link does to values. Does not know frames. */
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
    l->rng = seed * 2654435761ULL + 88172645463325252ULL;
}

size_t sim_link_value_max(const struct sim_link *l)
{
    return l->mtu - 3U;
}

static void append(struct sim_burst *to, const struct sim_value *v)
{
    to->v[to->n++] = *v;
}

void sim_link_carry(struct sim_link *l, unsigned direction, struct sim_burst *b)
{
    struct sim_burst out;

    out.n = 0;
    for (unsigned i = 0; i < b->n; i++) {
        l->values[direction]++;
        l->bytes[direction] += b->v[i].len;
        if (rng_chance(&l->rng, l->loss_ppm)) {
            l->lost[direction]++;
            continue;
        }
        append(&out, &b->v[i]);
        if (rng_chance(&l->rng, l->double_ppm)) {
            append(&out, &b->v[i]);
        }
    }
    for (unsigned i = 0; i + 1 < out.n; i++) {
        if (rng_chance(&l->rng, l->swap_ppm)) {
            struct sim_value t = out.v[i];
            out.v[i] = out.v[i + 1];
            out.v[i + 1] = t;
        }
    }
    b->n = out.n;
    memcpy(b->v, out.v, out.n * sizeof out.v[0]);
}
