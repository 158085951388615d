/* SPDX-License-Identifier: Apache-2.0
 *
 * How a simulated phone meets a simulated device: examples/phone's near.h over a world of
 * tests/sim. An honest phone may be carried away in the middle; a liar forges statements,
 * says old ones again, and changes what it carries. */
#include "near.h"

#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "crowd.h"

#define VISIT_MS 240000U /* four minutes */
#define LIE 0.5          /* of a liar's visits, for each kind of lie */

static _Atomic bool ended;

void near_catch_signals(void)
{
    ended = true; /* whoever calls it wants the rounds to end */
}

bool near_signalled(void)
{
    return ended;
}

/* ---- lies ------------------------------------------------------------------------ */

static bool lies(void)
{
    return crowd_turn->liar && chance_uniform(&crowd_turn->random) < LIE;
}

/* The device's word, or something else under its name. */
static void tell(struct crowd_device *d, struct near_visit *v)
{
    const struct world *w = d->world;
    bool another = w->statement_len != d->last_len ||
                   memcmp(w->statement, d->last, d->last_len) != 0;

    memcpy(v->statement, w->statement, w->statement_len);
    v->statement_len = w->statement_len;
    memcpy(d->last, w->statement, w->statement_len);
    d->last_len = w->statement_len;
    if (lies()) {
        v->statement[v->statement_len - 1] ^= 1;
        crowd.lies[0]++;
    } else if (d->old_len > 0 && lies()) {
        memcpy(v->statement, d->old, d->old_len);
        v->statement_len = d->old_len;
        crowd.lies[1]++;
    } else if (!crowd_turn->liar) {
        d->statements += another;
    }
    if (d->old_len == 0) {
        memcpy(d->old, w->statement, w->statement_len);
        d->old_len = w->statement_len;
    }
}

/* A liar's artifacts: a byte of each envelope is another, in copies that the caller
 * frees. */
static void tamper(struct artifact_bytes *a, unsigned n, uint8_t **copies)
{
    for (unsigned i = 0; i < n; i++) {
        copies[i] = malloc(a[i].len);
        if (copies[i] == NULL) {
            abort();
        }
        memcpy(copies[i], a[i].bytes, a[i].len);
        copies[i][40] ^= 1;
        a[i].bytes = copies[i];
    }
    crowd.lies[2]++;
}

/* ---- a visit --------------------------------------------------------------------- */

static void meet(struct world *w, const struct near_visit *v,
                 const struct artifact_bytes *artifacts)
{
    w->statement_len = 0;
    world_courier(w, artifacts, v->variants);
    w->courier_cfg.report_nonce = v->nonce;
    if (ferry_courier_init(&w->courier, &w->courier_cfg, w->now) != 0) {
        abort();
    }
    world_connect(w);
}

/* Until all is said, or for as long as the phone is there. */
static void spend(struct world *w, bool walks, uint64_t *random)
{
    uint32_t ms = VISIT_MS;

    if (walks) {
        ms = 200U + (uint32_t)(chance_uniform(random) * 20000);
        crowd.walks++;
    }
    (void)world_finish(w, ms);
}

static void conclude(struct crowd_device *d, struct near_visit *v)
{
    const struct world *w = d->world;
    struct ferry_courier_progress at;

    ferry_courier_progress(&w->courier, &at);
    v->end = near_end_of(&w->courier, v);
    v->err = ferry_courier_error(&w->courier);
    v->later = at.later;
    v->counts = w->courier.counts;
    d->bytes += w->courier.counts.image_bytes_sent;
    d->refused += v->end == NEAR_REFUSED;
    d->visits++;
    if (w->statement_len > 0) {
        tell(d, v);
    }
}

void near_go(struct near_visit *v)
{
    struct crowd_device *d =
        &crowd.device[strtoul(v->path + strlen("crowd:"), NULL, 10)];
    struct artifact_bytes artifacts[WORLD_ARTIFACTS];
    uint8_t *copies[WORLD_ARTIFACTS] = {0};
    uint64_t *random = &crowd_turn->random;

    v->end = NEAR_ABSENT;
    device_live(d, &crowd.o, crowd_hour());
    if (device_is_dead(d) || !device_boots(d)) {
        return;
    }
    v->variants = v->variants < WORLD_ARTIFACTS ? v->variants : WORLD_ARTIFACTS;
    for (unsigned i = 0; i < v->variants; i++) {
        artifacts[i] = (struct artifact_bytes){v->variant[i].bytes, v->variant[i].len};
    }
    if (v->variants > 0 && lies()) {
        tamper(artifacts, v->variants, copies);
    }
    meet(d->world, v, artifacts);
    spend(d->world, v->variants > 0 && chance_uniform(random) < crowd.o.walk, random);
    conclude(d, v);
    device_settle(d, &crowd.o);
    for (unsigned i = 0; i < v->variants; i++) {
        free(copies[i]);
    }
}
