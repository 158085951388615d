/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the odds of a cut, and whose page an operation is at. Does not know what the device
 * is doing. */
#include "power.h"

#include <string.h>

#include "rng.h"

/* One operation in so many is cut. An image is some two thousand of them, an update some
 * forty elsewhere. */
#define IMAGE_ODDS 3000U
#define OTHER_ODDS 80U

const char *power_area_name(enum power_area area)
{
    static const char *const names[POWER_AREAS] = {"header", "image", "boot journal",
                                                   "application journal"};
    return names[area];
}

const char *power_kind_name(enum sim_cut kind)
{
    static const char *const names[SIM_CUTS] = {"before",       "early",      "subset",
                                                "middle",       "words",      "late",
                                                "seems undone", "seems done", "after"};
    return names[kind];
}

static bool at(const struct world *w, const uint32_t page[2], uint32_t addr)
{
    uint32_t unit = w->opt.erase_unit;

    return addr / unit == page[0] / unit || addr / unit == page[1] / unit;
}

static enum power_area area_of(const struct world *w, uint32_t addr)
{
    if (at(w, w->map.boot_journal, addr)) {
        return POWER_BOOT_JOURNAL;
    }
    if (at(w, w->map.app_journal, addr)) {
        return POWER_APP_JOURNAL;
    }
    return addr % w->opt.bank_len < w->map.header_len ? POWER_HEADER : POWER_IMAGE;
}

static void at_operation(void *ctx, const struct sim_op *op)
{
    struct power *p = ctx;
    enum power_area area = area_of(p->w, op->addr);

    if (rng_below(&p->rng, area == POWER_IMAGE ? IMAGE_ODDS : OTHER_ODDS) != 0) {
        return;
    }
    p->area = area;
    p->kind = (enum sim_cut)rng_below(&p->rng, SIM_CUTS);
    p->cuts[p->area]++;
    p->kinds[p->kind]++;
    sim_flash_cut(&p->w->flash, 0, p->kind);
}

void power_begin(struct power *p, struct world *w, uint64_t rng)
{
    memset(p, 0, sizeof *p);
    p->w = w;
    p->rng = rng;
    w->flash.before = at_operation;
    w->flash.before_ctx = p;
}
