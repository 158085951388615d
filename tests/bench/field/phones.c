/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how often what happens where phones and devices meet. Does not know what they do
 * then. */
#include "phones.h"

#include "../../powercut/goods.h"
#include "rng.h"

#define NEAR_MS (4U * MINUTE_MS)
#define ABSENT_PPM 100000U
#define HALF_DISK_PPM 40000U
#define OLD_DISK_PPM 40000U
#define DOWNLOAD_PPM 500000U

/* Half of what is said in a burst is lost; it lasts five events on average. Less is said
 * then, so that this is what a burst costs, of what is said in as many events. */
#define BURST_LOSS_PPM 500000U
#define BURST_COST_PPM 370000U
#define BURST_END_PPM 200000U

static uint32_t pick(uint64_t *rng, const uint16_t *of, uint32_t n)
{
    return of[rng_below(rng, n)];
}

void phones_day(uint64_t *rng, struct day *d)
{
    uint32_t left = NEAR_MS;

    d->n = rng_chance(rng, ABSENT_PPM) ? 0 : 1 + rng_below(rng, VISITS_MAX);
    for (unsigned i = 0; i < d->n; i++) {
        uint32_t part = DAY_MS / d->n, rest = d->n - 1 - i;
        struct visit *v = &d->visit[i];
        v->len = rest == 0 ? left : left / (rest + 2) + rng_below(rng, left / 3);
        left -= v->len;
        v->at = i * part + rng_below(rng, part - 2 * NEAR_MS);
    }
}

const char *phones_app_name(enum app app)
{
    static const char *const names[APPS] = {"present", "literal", "older"};
    return names[app];
}

static enum disk draw_disk(uint64_t *rng)
{
    uint32_t dice = rng_below(rng, 1000000);

    return dice < HALF_DISK_PPM                  ? DISK_HALF
           : dice < HALF_DISK_PPM + OLD_DISK_PPM ? DISK_YESTERDAY
                                                 : DISK_WHOLE;
}

void phones_draw(uint64_t *rng, struct phone *p)
{
    static const uint16_t mtus[] = {23, 185, 185, 185, 247, 247, 247, 247};
    static const uint16_t intervals[] = {15, 30, 50};

    p->app = (enum app)rng_below(rng, APPS);
    p->disk = draw_disk(rng);
    p->mtu = (uint16_t)pick(rng, mtus, 8);
    p->interval_ms = pick(rng, intervals, 3);
    p->per_event = (uint8_t)(1 + rng_below(rng, 6));
}

bool phones_download(uint64_t *rng, struct phone *p)
{
    bool online = rng_chance(rng, DOWNLOAD_PPM);
    bool new = online && p->disk != DISK_WHOLE;

    p->disk = new ? DISK_WHOLE : p->disk;
    return new;
}

void phones_link(const struct phone *p, struct world *w, uint16_t mtu)
{
    w->link.mtu = p->mtu < mtu ? p->mtu : mtu;
    w->link.interval_ms = p->interval_ms;
    w->link.per_event = p->per_event;
    w->link.back_per_event = p->per_event;
}

void phones_start_app(const struct phone *p, struct world *w)
{
    static const uint8_t question[FERRY_NONCE_LEN] = {0xF1, 0xE1, 0xD0};
    struct artifact_bytes carried = *goods_artifact(p->disk == DISK_YESTERDAY ? 0 : 1);

    if (p->disk == DISK_HALF) {
        carried.len /= 2;
    }
    world_courier(w, &carried, 1);
    w->courier_cfg.report_nonce = p->app == APP_PRESENT ? question : NULL;
    w->courier_cfg.stay_parked = p->app == APP_LITERAL;
    w->courier_cfg.retry_budget = p->app == APP_LITERAL ? 3 : 0;
    w->courier_cfg.value_max = p->app == APP_OLDER ? 20 : 512;
    (void)!ferry_courier_init(&w->courier, &w->courier_cfg, w->now);
}

void phones_air(uint64_t *rng, struct world *w, uint32_t loss_ppm)
{
    struct sim_link *l = &w->link;
    double share = (double)loss_ppm / BURST_COST_PPM; /* of all events, in bursts */

    l->burst.loss_ppm = BURST_LOSS_PPM;
    l->burst.end_ppm = BURST_END_PPM;
    if (rng_below(rng, 2) == 0) {
        l->loss_ppm = loss_ppm;
        l->burst.begin_ppm = 0;
        l->bursting = false;
    } else { /* as many bursts end as begin: begin * (1 - share) = end * share */
        l->loss_ppm = 0;
        l->burst.begin_ppm = (uint32_t)(BURST_END_PPM * share / (1 - share));
        l->bursting = rng_chance(rng, (uint32_t)(1e6 * share));
    }
}
