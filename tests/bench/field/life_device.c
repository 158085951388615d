/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how the device starts and what its application does. Does not know when phones
 * come. */
#include "life_in.h"

#define DARK_MS (10U * MINUTE_MS) /* most, until there is a supply again */
#define RECONNECT_MS 2500U        /* until a phone finds a device that was reset */
#define STARTS_MAX 1000U          /* more of them lead nowhere */

/* ---- what runs ------------------------------------------------------------------- */

int life_running(const struct life *l)
{
    int bank = l->w.board.booted;

    for (int i = 0; i < 2 && bank >= 0; i++) {
        if (goods_bank(i) == bank &&
            board_holds(&l->w, (unsigned)bank, goods_artifact(i))) {
            return i;
        }
    }
    return -1;
}

static bool confirmed(const struct life *l)
{
    return !l->w.board.app.state.trial;
}

void life_started(struct life *l)
{
    const struct world *w = &l->w;
    int release = life_running(l);

    l->r.starts++;
    l->r.brick = w->board.booted < 0;
    l->r.stray |= release < 0 && !l->r.brick;
    l->over |= release < 0 || l->r.starts > STARTS_MAX;
    if (w->board.app.boot.rollbacks > l->r.rollbacks) {
        l->r.rollbacks = w->board.app.boot.rollbacks;
        life_tell(l, "rolled back");
    }
    life_tell(l, "starts: bank %d, %s%s", w->board.booted,
              release < 0    ? "neither old nor new"
              : release == 0 ? "the old release"
                             : "the new release",
              confirmed(l) ? "" : ", on trial");
    if (release == 1 && confirmed(l)) {
        l->r.days = (double)w->now / DAY_MS;
        l->over = true;
    }
}

/* ---- the device ------------------------------------------------------------------ */

static void planned_reset(struct life *l)
{
    board_planned_reset(&l->w);
    l->greets_at = l->w.now + RECONNECT_MS;
    life_started(l);
}

void life_wake(struct life *l)
{
    l->w.now += 1000U + rng_below(&l->power.rng, DARK_MS);
    l->dark = false;
    l->greets_at = l->w.now + RECONNECT_MS;
    world_power_cut(&l->w);
    life_started(l);
    int bank = l->w.board.booted;
    if (!l->over) { /* bits without a side fall otherwise: the answer does not */
        world_reset(&l->w, FERRY_RESET_WAKE);
        life_started(l);
        l->r.stray |= l->w.board.booted != bank;
    }
}

void life_application(struct life *l)
{
    struct world *w = &l->w;
    const struct ferry_boot_state *s = &w->board.app.state;

    if (w->reboot_wanted || (s->trial && s->settled && !w->link.up)) {
        planned_reset(l);
    } else if (ferry_app_journal_expired(&w->board.app, w->now)) {
        life_tell(l, "the trial has lasted too long");
        ferry_handoff_expired(&w->board.handoff);
        world_reset(w, FERRY_RESET_SOFT);
        life_started(l);
    }
}

/* That many beginnings would wear flash out, and are limited; that other updater knows no
 * such limit. */
static void forget_beginnings(struct world *w)
{
    struct ferry_app_record rec = board_app_record(w);

    if (rec.begins > 0) {
        rec.begins = 0;
        (void)board_forge(w, &rec);
    }
}

void life_start_over(struct life *l)
{
    struct world *w = &l->w;
    enum sim_flash_mode mode = w->flash.mode;
    void (*before)(void *, const struct sim_op *) = w->flash.before;

    l->wipes = false;
    if (w->board.app.state.trial || w->board.app.state.committed) {
        return;
    }
    w->flash.before = NULL;
    forget_beginnings(w);
    planned_reset(l);
    w->flash.mode = SIM_FLASH_SYNC;
    const struct ferry_area *bank = &w->map.bank[board_staging(w)];
    for (uint32_t off = 0; off < bank->len; off += w->opt.erase_unit) {
        (void)sim_flash_erase(&w->flash, bank->addr + off);
    }
    w->flash.mode = mode;
    w->flash.before = before;
}
