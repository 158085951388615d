/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of a boot: read both journals, hear what the application asks, have it
 * judged, record, and only then say which bank to jump to. Does not know how to jump, nor
 * what a reset is. */
#include <string.h>

#include "boot_in.h"
#include "handoff.h"
#include "journal.h"
#include "records.h"

_Static_assert(FERRY_JOURNAL_ROOM <= FERRY_BOOT_ROOM, "a record fits");

int ferry_trial_unguarded(void *ctx)
{
    (void)ctx;
    return 0;
}

/* A reset by software is a crash, unless the application said that it was coming. RAM
 * without power says nothing. */
static enum ferry_reset hear_wish(const struct ferry_handoff *h, enum ferry_reset reset,
                                  bool *expired)
{
    uint32_t wish = reset == FERRY_RESET_SOFT ? h->wish : 0;

    *expired = wish == FERRY_WISH_EXPIRED;
    return *expired || wish == FERRY_WISH_PLANNED ? FERRY_RESET_PLANNED : reset;
}

/* The newest record of the application's journal; all zero: nothing is asked. */
static void hear(struct ferry_start *s, bool sound_only)
{
    const struct ferry_boot_config *cfg = s->cfg;

    ferry_journal_init(&s->journal, cfg->flash, cfg->map->app_journal,
                       FERRY_JOURNAL_APP, sizeof s->app);
    s->journal.sound_only = sound_only;
    if (ferry_journal_scan(&s->journal, &s->app) != 0) {
        memset(&s->app, 0, sizeof s->app);
    }
}

/* ---- recording, and what follows ------------------------------------------------- */

/* Whatever is programmed is read back by the journal, several times. */
static bool record(struct ferry_start *s)
{
    const struct ferry_flash *flash = s->cfg->flash;
    struct ferry_flash_op op;

    ferry_journal_append(&s->journal, &s->rec, s->cfg->room);
    while (ferry_journal_next(&s->journal, &op)) {
        int status;
        if (!op.erase) {
            status = flash->write(flash->ctx, op.addr, op.buf, op.len);
        } else if (flash->power_ok == NULL || flash->power_ok(flash->ctx)) {
            do {
                ferry_boot_alive(s->cfg);
                status = flash->erase(flash->ctx, op.addr);
            } while (status == FERRY_MORE);
        } else {
            return false;
        }
        if (ferry_journal_did(&s->journal, status) != 0) {
            return false;
        }
    }
    return true;
}

static bool guarded(const struct ferry_start *s)
{
    return s->cfg->arm_watchdog != NULL && s->cfg->arm_watchdog(s->cfg->ctx) == 0;
}

static void lock(struct ferry_start *s, const struct ferry_area *area)
{
    const struct ferry_flash *flash = s->cfg->flash;

    if (flash->lock == NULL || flash->lock(flash->ctx, area->addr, area->len) != 0) {
        s->flags |= FERRY_HANDOFF_OPEN;
    }
}

/* Nothing that boots, and nothing that says what boots, can be written from here on. */
static void lock_all(struct ferry_start *s)
{
    const struct ferry_boot_config *cfg = s->cfg;
    const struct ferry_map *map = cfg->map;

    for (unsigned i = 0; i < 2; i++) {
        struct ferry_area page = {map->boot_journal[i], cfg->flash->erase_unit};
        lock(s, &page);
        if (ferry_trial_runs(&s->rec) || i == ferry_trial_bank(&s->rec)) {
            lock(s, &map->bank[i]);
        }
    }
    for (unsigned i = 0; i < cfg->locks_len; i++) {
        lock(s, &cfg->locks[i]);
    }
}

static void hand_off(const struct ferry_start *s, enum ferry_reset reset, int err,
                     uint32_t raw_cause)
{
    struct ferry_handoff *h = s->cfg->handoff;
    bool trial = ferry_trial_runs(&s->rec);

    h->magic = FERRY_HANDOFF_MAGIC;
    h->version = 1;
    h->reset = (uint8_t)reset;
    h->bank = (uint8_t)ferry_trial_bank(&s->rec);
    h->attempts = (uint8_t)ferry_trial_attempts(&s->rec);
    h->flags = (uint8_t)(s->flags | (trial ? FERRY_HANDOFF_TRIAL : 0));
    h->halt = (uint8_t)-err;
    h->spare[0] = 0;
    h->spare[1] = 0;
    h->raw_cause = raw_cause;
    h->wish = 0;
}

int ferry_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
               uint32_t raw_cause)
{
    struct ferry_start s;
    uint32_t before[FERRY_BOOT_NEWS / 4];
    bool expired; /* the application says that its trial has lasted too long */

    memset(&s, 0, sizeof s);
    s.cfg = cfg;
    s.bank[1].bank = 1;
    hear(&s, false);
    s.torn_commit = s.app.commit;
    s.torn_confirm = s.app.confirm;
    if (s.journal.doubt) { /* else what was said last was said to its end */
        hear(&s, true);
    }
    ferry_journal_init(&s.journal, cfg->flash, cfg->map->boot_journal,
                       FERRY_JOURNAL_BOOT, sizeof s.rec);
    (void)!ferry_journal_scan(&s.journal, &s.rec); /* s.journal says how it went */
    reset = hear_wish(cfg->handoff, reset, &expired);
    memcpy(before, &s.rec, sizeof before);
    int err = ferry_boot_decide(&s, reset, expired);
    /* A trial that nothing guards does not begin, nor go on. */
    if (err == 0 && ferry_trial_runs(&s.rec) && !guarded(&s)) {
        (void)ferry_boot_fall_back(&s, FERRY_OUTCOME_REFUSED);
    }
    bool news = s.journal.doubt || memcmp(before, &s.rec, sizeof before) != 0;
    if (news && (s.journal.unread || !record(&s))) {
        s.flags |= FERRY_HANDOFF_UNWRITTEN;
        /* One that cannot be counted does not begin either; this time the previous image
         * boots, and flash cannot say so. */
        if (err == 0 && ferry_trial_runs(&s.rec)) {
            (void)ferry_boot_fall_back(&s, FERRY_OUTCOME_REFUSED);
        }
    }
    if (err == 0 && !ferry_verify_passed(&s.bank[ferry_trial_bank(&s.rec)].gates)) {
        err = FERRY_E_SIG_FINAL;
    }
    if (err == 0) {
        lock_all(&s);
    }
    hand_off(&s, reset, err, raw_cause);
    return err != 0 ? err : (int)ferry_trial_bank(&s.rec);
}
