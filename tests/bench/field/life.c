/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of such a life: days and visits, and what a cut interrupts. Does not know
 * what a good result is. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "life_in.h"

#define BANK_LEN (256U * 1024U)
#define HOUR_MS (60U * MINUTE_MS)
#define END_MS (LIFE_DAYS * DAY_MS)

#define BATTERY_CHANGED_PPM 40000U /* between two visits */
#define ACK_LITERAL_PPM 125000U    /* devices that ack each chunk */

const uint16_t life_mtu[LIFE_CLASSES] = {23, 185, 247};

void life_tell(const struct life *l, const char *format, ...)
{
    va_list args;

    if (!l->wish.tells) {
        return;
    }
    va_start(args, format);
    printf("day %7.4f  ", (double)l->w.now / DAY_MS);
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

/* ---- visits ---------------------------------------------------------------------- */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void be_near(struct life *l)
{
    struct world *w = &l->w;

    if (l->wipes) {
        life_start_over(l);
    }
    while (w->now < l->until && !l->over) {
        uint32_t to = least(l->until, l->dies_at);
        to = w->link.up || l->greets_at < w->now ? to : least(to, l->greets_at);
        if (to > w->now) {
            world_step(w, to);
        }
        life_application(l);
        life_phone_acts(l);
    }
    if (!l->over) {
        life_phone_goes(l);
    }
}

/* ---- days ------------------------------------------------------------------------ */

/* When the next visit begins; LIFE_NEVER: no more of them. */
static uint32_t next_visit(struct life *l)
{
    while (l->next == l->day.n && l->midnight < END_MS) {
        phones_day(&l->days_rng, &l->day);
        l->midnight += DAY_MS;
        l->next = 0;
    }
    return l->next == l->day.n ? LIFE_NEVER
                               : l->midnight - DAY_MS + l->day.visit[l->next].at;
}

static void be_alone(struct life *l)
{
    struct world *w = &l->w;
    uint32_t at = next_visit(l);

    if (at == LIFE_NEVER) {
        l->over = true;
        return;
    }
    life_application(l);
    while (w->now < at && !l->over) {
        world_run(w, least(at - w->now, HOUR_MS));
        life_application(l);
    }
    uint32_t len = l->day.visit[l->next++].len;
    if (l->over) {
        return;
    }
    life_phone_comes(l, len);
    if (rng_chance(&l->phones_rng, BATTERY_CHANGED_PPM)) {
        life_tell(l, "the battery was changed");
        world_power_cut(w);
        life_started(l);
    }
}

/* From wherever a cut left it. */
static void live_on(void *ctx)
{
    struct life *l = ctx;

    if (l->dark) {
        life_wake(l);
    }
    while (!l->over) {
        if (l->near) {
            be_near(l);
        } else {
            be_alone(l);
        }
    }
}

/* The supply went in the middle of a flash operation. */
static void go_dark(struct life *l)
{
    struct world *w = &l->w;

    l->r.reset += life_transferring(l);
    life_tell(l, "no supply, in the %s: %s", power_area_name(l->power.area),
              power_kind_name(l->power.kind));
    w->flash.mode = l->mode;
    w->link.up = false; /* the device hears nothing of it */
    ferry_courier_link(&w->courier, false, w->now);
    l->dark = true;
}

/* ---- a life ---------------------------------------------------------------------- */

static void be_born(struct life *l, uint64_t rng)
{
    static const enum flash_time_model models[] = {FLASH_ALIVE, FLASH_ALIVE,
                                                   FLASH_SLICED, FLASH_SILENT};
    static const uint16_t pools[LIFE_CLASSES] = {3, 8, 16};
    static const uint32_t losses[] = {5000, 10000, 10000, 15000};
    struct world_options o;

    l->r.mtu_class = (uint8_t)rng_below(&rng, LIFE_CLASSES);
    l->loss_ppm = losses[rng_below(&rng, 4)];
    world_defaults(&o);
    o.bank_len = BANK_LEN;
    o.pool_chunks = pools[l->r.mtu_class];
    o.mtu = life_mtu[l->r.mtu_class];
    o.flash_time = models[rng_below(&rng, 4)];
    o.ack_every = (uint8_t)rng_chance(&rng, ACK_LITERAL_PPM);
    o.seed = rng_next(&rng);
    o.factory = *goods_artifact(0);
    world_init(&l->w, &o);
    l->mode = l->w.flash.mode;
    l->days_rng = rng_next(&rng);
    l->phones_rng = rng_next(&rng);
    sim_flash_seed(&l->w.flash, rng_next(&rng));
    power_begin(&l->power, &l->w, rng_next(&rng));
    life_tell(l, "MTU %u, pool of %u chunks, flash %u, loss %.1f %%", o.mtu,
              o.pool_chunks, (unsigned)o.flash_time, l->loss_ppm / 1e4);
}

/* Whatever the next start says, every later one says, too. */
static void judge_end(struct life *l)
{
    l->w.flash.before = NULL;
    world_power_cut(&l->w);
    int release = life_running(l);
    for (unsigned i = 0; i < 4 && l->w.board.booted >= 0; i++) {
        world_reset(&l->w, i % 2 == 0 ? FERRY_RESET_POWER : FERRY_RESET_WAKE);
        l->r.stray |= life_running(l) != release;
    }
    l->r.brick |= l->w.board.booted < 0;
}

static uint32_t image_len;

void life_prepare(uint32_t len)
{
    goods_make(len + 4U, false); /* each release is 4 bytes shorter */
    image_len = len;
}

void life_live(const struct life_wish *wish, struct life_result *r)
{
    static struct life life;
    struct life *l = &life;
    uint64_t rng = (wish->seed << 32 ^ wish->number) * 0x9E3779B97F4A7C15ULL + 1;

    memset((uint8_t *)l + sizeof l->w, 0, sizeof *l - sizeof l->w);
    l->wish = *wish;
    l->r.days = -1;
    (void)rng_next(&rng);
    be_born(l, rng);
    while (!sim_flash_hold(&l->w.flash, live_on, l)) {
        go_dark(l);
    }
    life_end_app(l);
    judge_end(l);
    l->r.image_len = image_len;
    l->r.wire = l->w.link.bytes[SIM_TO_DEVICE];
    for (unsigned d = 0; d < 2; d++) {
        l->r.values += l->w.link.values[d];
        l->r.lost += l->w.link.lost[d];
    }
    memcpy(l->r.cuts, l->power.cuts, sizeof l->r.cuts);
    memcpy(l->r.kinds, l->power.kinds, sizeof l->r.kinds);
    *r = l->r;
}

uint32_t life_interruptions(const struct life_result *r)
{
    return r->gone + r->killed + r->reset;
}

uint32_t life_cuts(const struct life_result *r)
{
    uint32_t all = 0;

    for (unsigned i = 0; i < POWER_AREAS; i++) {
        all += r->cuts[i];
    }
    return all;
}
