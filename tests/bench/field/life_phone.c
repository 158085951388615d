/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a phone and its app do while they are near a device. Does not know when they
 * are. */
#include <string.h>

#include "life_in.h"

#define TRY_AGAIN_MS 10000U /* an app whose courier gave up */
#define RECHARGE_MS 30000U  /* until a dead phone's app runs again */

#define PHONE_CHANGES_PPM 400000U /* another phone than the last time */
#define APP_ENDED_PPM 300000U     /* the same one, but its app was ended meanwhile */
#define PHONE_DIES_PPM 60000U     /* a visit */

/* ---- the app --------------------------------------------------------------------- */

bool life_transferring(const struct life *l)
{
    return l->w.link.up && ferry_courier_state(&l->w.courier) == FERRY_COURIER_SEND;
}

void life_end_app(struct life *l)
{
    const struct ferry_courier_counts *c = &l->w.courier.counts;

    l->r.sent += c->image_bytes_sent;
    l->r.parks += c->parks;
    l->r.statements += l->w.statement_len > 0;
    l->w.statement_len = 0;
    memset(&l->w.courier, 0, sizeof l->w.courier);
    l->app_runs = false;
}

/* Done, refused or put off: with the next connection it would begin anew. */
static bool at_its_end(const struct life *l)
{
    enum ferry_courier_state s = ferry_courier_state(&l->w.courier);

    return s == FERRY_COURIER_DONE || s == FERRY_COURIER_REFUSED ||
           s == FERRY_COURIER_LATER;
}

static bool parked_for_good(const struct life *l)
{
    return ferry_courier_state(&l->w.courier) == FERRY_COURIER_PARKED &&
           !l->w.courier.will_resume;
}

static void hang_up(struct life *l)
{
    if (l->app_runs && at_its_end(l)) {
        life_tell(l, "the courier ended: %s",
                  ferry_errname(ferry_courier_error(&l->w.courier)));
        life_end_app(l);
    }
    world_disconnect(&l->w);
}

static void greet(struct life *l)
{
    if (l->app_runs && (at_its_end(l) || l->phone.app == APP_OLDER)) {
        life_end_app(l);
    }
    if (!l->app_runs) {
        phones_start_app(&l->phone, &l->w);
        l->app_runs = true;
    }
    l->w.link.away = false;
    world_connect(&l->w);
    l->greets_at = LIFE_NEVER;
}

/* ---- the phone ------------------------------------------------------------------- */

static void phone_dies(struct life *l)
{
    l->r.killed += life_transferring(l);
    life_tell(l, "the phone's battery is empty%s",
              life_transferring(l) ? ", in the middle of the transfer" : "");
    life_end_app(l);
    l->dies_at = LIFE_NEVER;
    l->w.link.away = true;
    world_run(&l->w, LIFE_SUPERVISION_MS);
    world_disconnect(&l->w);
    l->greets_at = l->w.now + RECHARGE_MS;
}

void life_phone_acts(struct life *l)
{
    struct world *w = &l->w;

    if (w->now >= l->dies_at) {
        phone_dies(l);
    } else if (!w->link.up && w->now >= l->greets_at) {
        greet(l);
    } else if (w->link.up && parked_for_good(l)) {
        int err = ferry_courier_error(&w->courier);
        life_tell(l, "parked: %s", ferry_errname(err));
        hang_up(l);
        /* The rest of the file has to come first. */
        l->greets_at = err == FERRY_E_READ ? LIFE_NEVER : w->now + TRY_AGAIN_MS;
    }
}

void life_phone_comes(struct life *l, uint32_t len)
{
    uint64_t *rng = &l->phones_rng;
    bool another = l->r.visits == 0 || rng_chance(rng, PHONE_CHANGES_PPM);
    bool ended = rng_chance(rng, APP_ENDED_PPM);
    bool news = phones_download(rng, &l->phone);

    if (l->app_runs && (another || ended || news)) {
        life_end_app(l);
    }
    if (another) {
        phones_draw(rng, &l->phone);
    }
    phones_link(&l->phone, &l->w, life_mtu[l->r.mtu_class]);
    phones_air(rng, &l->w, l->loss_ppm);
    l->r.visits++;
    l->near = true;
    l->wipes = !l->wish.resume;
    l->until = l->w.now + len;
    l->greets_at = l->w.now;
    l->dies_at =
        rng_chance(rng, PHONE_DIES_PPM) ? l->w.now + rng_below(rng, len) : LIFE_NEVER;
    life_tell(l, "%s phone, app %s, MTU %u, %u ms, %u an event, for %u s",
              another ? "another" : "the same", phones_app_name(l->phone.app),
              l->w.link.mtu, (unsigned)l->phone.interval_ms, l->phone.per_event,
              (unsigned)(len / 1000));
}

void life_phone_goes(struct life *l)
{
    struct ferry_device_progress p;
    struct world *w = &l->w;

    ferry_device_progress(&w->device, &p);
    l->near = false;
    l->r.gone += life_transferring(l);
    life_tell(l, "the phone goes%s; verified %u of %u bytes",
              life_transferring(l) ? " in the middle of the transfer" : "",
              (unsigned)p.verified, (unsigned)p.image_len);
    w->link.away = true;
    world_run(w, LIFE_SUPERVISION_MS);
    hang_up(l);
    w->link.away = false;
}
