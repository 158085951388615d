/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how one transfer is run and what it took. Does not know which are wanted. */
#include "cell.h"

#include <stdio.h>
#include <stdlib.h>

#include "rng.h"

#define LONGEST_MS (6U * 3600U * 1000U)

static struct world world;

static struct {
    uint8_t bytes[CELL_IMAGE_LEN + FERRY_BLOCK_LEN + FERRY_ENVELOPE_MAX];
    size_t len;
} artifact;

void cell_prepare(void)
{
    static uint8_t image[CELL_IMAGE_LEN];
    struct release r;
    uint64_t rng = 1;

    if (sodium_init() < 0) {
        fprintf(stderr, "bench-link: libsodium does not start\n");
        exit(2);
    }
    for (uint32_t i = 0; i < sizeof image; i++) {
        image[i] = (uint8_t)rng_next(&rng);
    }
    release_default(&r);
    artifact.len = release_make(&r, image, sizeof image, artifact.bytes);
}

struct world *cell_begin(const struct cell *c, uint64_t seed)
{
    struct world *w = &world;
    struct artifact_bytes carried = {artifact.bytes, artifact.len};
    struct world_options o;

    world_defaults(&o);
    o.bank_len = 256U * 1024U;
    o.mtu = c->mtu;
    o.interval_ms = c->ci_ms;
    o.per_event = c->n;
    o.loss_ppm = c->loss_ppm;
    o.chunk = c->chunk;
    o.pool_chunks = c->pool;
    o.flash_time = c->flash;
    o.seed = seed;
    world_init(w, &o);
    w->link.reply_events = c->reply_events;
    w->link.phone_queue = c->phone_queue;
    world_courier(w, &carried, 1);
    world_connect(w);
    return w;
}

/* The last DONE was lost, and the courier waits for the reboot: all is there. */
static bool committed(const struct world *w)
{
    return w->boot.state.committed && w->courier.state == FERRY_COURIER_LATER;
}

void cell_run(const struct cell *c, uint64_t seed, struct cell_sums *sums)
{
    struct world *w = cell_begin(c, seed);
    uint32_t start = w->now;
    uint32_t until = start + LONGEST_MS;
    bool parked_for_good = false;
    while (w->now != until && !committed(w) && !parked_for_good &&
           w->courier.state != FERRY_COURIER_DONE) {
        world_step(w, until);
        parked_for_good =
            w->courier.state == FERRY_COURIER_PARKED && !w->courier.will_resume;
    }
    sums->runs++;
    sums->arrived += w->boot.state.committed;
    sums->image_ms += (w->image_acked != 0 ? w->image_acked : w->now) - w->image_began;
    sums->session_ms += w->now - start;
    sums->values += w->link.values[SIM_TO_DEVICE];
    sums->frames += w->courier.counts.frames_out;
    sums->repeated += w->courier.counts.bytes_repeated;
    sums->parks += w->courier.counts.parks;
}

static double per_second(uint32_t runs, uint64_t ms)
{
    return ms == 0 ? 0 : 1000.0 * CELL_IMAGE_LEN * runs / (double)ms;
}

double cell_goodput(const struct cell_sums *s)
{
    return per_second(s->runs, s->image_ms);
}

double cell_session(const struct cell_sums *s)
{
    return per_second(s->runs, s->session_ms);
}

double cell_limit(const struct cell *c)
{
    return c->n * (c->mtu - 3.0) * 1000.0 / c->ci_ms;
}

double cell_parks(const struct cell_sums *s)
{
    return s->runs == 0 ? 0 : (double)s->parks / s->runs;
}

double cell_loss(const struct cell *c)
{
    return c->loss_ppm / 1e6;
}

unsigned cell_pool_len(const struct cell *c)
{
    return c->pool * FERRY_DEVICE_SLOT(c->chunk);
}

unsigned cell_ram(const struct cell *c)
{
    return (unsigned)sizeof(struct ferry_device) + cell_pool_len(c);
}

const char *cell_flash_name(enum flash_time_model flash)
{
    static const char *const names[] = {
        [FLASH_TIMELESS] = "none",
        [FLASH_ALIVE] = "whole",
        [FLASH_SLICED] = "sliced",
        [FLASH_SILENT] = "silent",
    };
    return names[flash];
}

const char *cell_name(const struct cell *c)
{
    static char name[128];

    snprintf(name, sizeof name,
             "MTU %u, CI %u ms, n %u, loss %g %%, C %u, pool %u, reply %u, queue %u, "
             "flash %s",
             c->mtu, c->ci_ms, c->n, 100 * cell_loss(c), c->chunk, c->pool,
             c->reply_events, c->phone_queue, cell_flash_name(c->flash));
    return name;
}
