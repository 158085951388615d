/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what is good enough. Does not know how it comes about. */
#include "judge.h"

#include <stdio.h>

#include "peers.h"

#define FEW_LOSSES_PPM 10000U
#define PARKS_FEW 0.05 /* a transfer, where at most 1 % is lost */
#define PARKS_MANY 0.5 /* where more is */
#define BEHIND 0.95    /* of the best peer, where nothing is lost */

double judge_best_peer(const struct cell *c, const char **name)
{
    unsigned ram = cell_pool_len(c);
    double best = peer_smp(c, ram);

    *name = "SMP";
    if (peer_nordic_ram(c) <= ram && peer_nordic(c, 0) > best) {
        best = peer_nordic(c, 0);
        *name = "Nordic Secure DFU";
    }
    return best;
}

static unsigned demand(const struct row *r, bool holds, const char *what, double is,
                       double wanted)
{
    if (holds) {
        return 0;
    }
    fprintf(stderr, "bench-link: %s: %s: %.2f, wanted %.2f\n", cell_name(&r->cell),
            what, is, wanted);
    return 1;
}

unsigned judge_row(const struct row *r)
{
    const struct cell *c = &r->cell;
    double goodput = cell_goodput(&r->sums), session = cell_session(&r->sums);
    double stop = peer_stop_and_wait(c);
    double parks = c->loss_ppm <= FEW_LOSSES_PPM ? PARKS_FEW : PARKS_MANY;
    unsigned ram = cell_ram(c), bad = 0;
    const char *name;
    double peer = judge_best_peer(c, &name);

    peer *= c->loss_ppm == 0 ? BEHIND : 1;
    bad += demand(r, r->sums.arrived == r->runs, "transfers that arrived",
                  r->sums.arrived, r->runs);
    bad += demand(r, cell_parks(&r->sums) <= parks, "parks a transfer, at most",
                  cell_parks(&r->sums), parks);
    bad += demand(r, goodput >= stop, "B/s, beside stop-and-wait", goodput, stop);
    /* For no peer's flash takes time, and none is told about phones that drop. */
    if (c->flash == FLASH_TIMELESS && c->phone_queue == 0) {
        bad += demand(r, goodput >= peer, name, goodput, peer);
    }
    bad += demand(r, goodput >= r->least_goodput, "B/s", goodput, r->least_goodput);
    bad += demand(r, session >= r->least_session, "B/s from HELLO to DONE", session,
                  r->least_session);
    bad += demand(r, r->most_ram == 0 || ram <= r->most_ram, "bytes of RAM, at most",
                  ram, r->most_ram);
    return bad;
}
