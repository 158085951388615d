/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of a boot: read both journals, hear what the application asks, count
 * the reset, examine the bank, decide (trial.c), record, and only then say which bank to
 * jump to. What the application's journal says is a request and nothing more. Does not
 * know how to jump, nor what a reset is. */
#include "ferry/boot.h"

#include <string.h>

#include "flash.h"
#include "handoff.h"
#include "journal.h"
#include "policy.h"
#include "records.h"
#include "trial.h"
#include "verify.h"

#define ENVELOPE 12U /* in the room; FERRY_TBS_SPARE bytes stand before it */

_Static_assert(ENVELOPE + FERRY_ENVELOPE_MAX <= FERRY_BOOT_ROOM, "an envelope fits");
_Static_assert(FERRY_JOURNAL_ROOM <= FERRY_BOOT_ROOM, "a record fits");

/* What a bank turned out to hold, as far as it was examined. */
struct finding {
    struct ferry_image image;
    uint32_t gates; /* FERRY_GATES_PASSED */
};

/* A start, as far as it has got. */
struct boot {
    struct finding bank[2];
    const struct ferry_boot_config *cfg;
    struct ferry_boot_record rec; /* as decided */
    struct ferry_app_record app;
    struct ferry_journal journal;
    uint32_t flags;
};

/* ---- the hand-off block ---------------------------------------------------------- */

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

/* ---- what a bank holds ----------------------------------------------------------- */

static void alive(const struct ferry_boot_config *cfg)
{
    if (cfg->alive != NULL) {
        cfg->alive(cfg->ctx);
    }
}

/* The envelope, from the bank into the room: its form, its digest, and (`asked`) its
 * signature. Nothing in it is read here. */
static int open_envelope(const struct ferry_boot_config *cfg, unsigned bank, bool asked,
                         struct ferry_envelope *e, struct finding *f)
{
    const struct ferry_flash *flash = cfg->flash;
    uint8_t *env = cfg->room + ENVELOPE;

    if (flash->read(flash->ctx, cfg->map->bank[bank].addr, env, FERRY_ENVELOPE_MAX) !=
        0) {
        return FERRY_E_FLASH;
    }
    int err = ferry_verify_form(cfg->identity->keys, env, ferry_envelope_len(env), e);
    if (err != 0) {
        return err;
    }
    f->image.slot = e->kid;
    ferry_verify_digest(cfg->crypto, env, f->image.digest);
    if (asked) {
        alive(cfg);
        err = ferry_verify_ask(cfg->crypto, cfg->identity->keys, env, e);
        alive(cfg);
    }
    return err == 0 ? 0 : FERRY_E_SIG_FINAL;
}

/* Is the image in `bank` genuine, whole, and made for this device and this bank?
 * `want`: first bytes its digest must have, NULL = any. With `asked` the signature is
 * checked; without, the digest must be known, and so must once have been checked. */
static int examine(struct boot *b, unsigned bank, const uint8_t *want, bool asked)
{
    const struct ferry_boot_config *cfg = b->cfg;
    struct finding *f = &b->bank[bank];
    struct ferry_verify v;
    struct ferry_envelope e;
    struct ferry_manifest m;

    memset(f, 0, sizeof *f);
    int err = open_envelope(cfg, bank, asked, &e, f);
    if (err == 0 && want != NULL &&
        memcmp(f->image.digest, want, FERRY_DIGEST_KEPT) != 0) {
        err = FERRY_E_SIG_FINAL;
    }
    int sig = err;
    if (err == 0) {
        err = ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_BOOT);
    }
    if (err == 0) {
        err = ferry_policy_fits(cfg->identity, cfg->map, bank, &m);
    }
    if (err != 0) {
        return err;
    }
    f->image.version = m.version;
    f->image.sec_ctr = m.sec_ctr;
    ferry_verify_run(&v, cfg->flash, cfg->crypto,
                     cfg->map->bank[bank].addr + cfg->map->header_len, m.length);
    while ((err = ferry_verify_step(&v, FERRY_BLOCK_LEN)) == FERRY_MORE) {
        alive(cfg);
    }
    if (err == 0) {
        err = ferry_verify_hash_gate(&v, m.sha256);
    }
    if (err == 0) {
        err = ferry_verify_sig_gate(&v, sig);
    }
    f->gates = v.hash_gate ^ v.sig_gate;
    return err;
}

/* ---- without a boot record ------------------------------------------------------- */

static bool newer(const struct ferry_image *a, const struct ferry_image *b)
{
    return a->slot != b->slot ? a->slot > b->slot : a->version > b->version;
}

static bool blank(const struct ferry_flash *flash, const uint32_t page[2])
{
    return ferry_flash_reads(flash, page[0], NULL, flash->erase_unit) &&
           ferry_flash_reads(flash, page[1], NULL, flash->erase_unit);
}

/* Fresh from the factory, bank 0 boots as confirmed. Otherwise the journal was lost: the
 * newest image that verifies is tried anew, with the other one to fall back on. Where it
 * merely cannot be read this time, that image boots, and nothing is written. */
static int start_anew(struct boot *b, bool readable)
{
    const struct ferry_image *best = &b->bank[0].image, *rest = &b->bank[1].image;
    bool factory = readable && blank(b->cfg->flash, b->cfg->map->boot_journal);
    int err = examine(b, 0, NULL, true);
    bool both = false;
    unsigned bank = 0;

    if (!factory && examine(b, 1, NULL, true) == 0) {
        both = err == 0;
        if (!both || newer(rest, best)) {
            best = &b->bank[1].image;
            rest = &b->bank[0].image;
            bank = 1;
        }
        err = 0;
    }
    ferry_trial_settle(&b->rec, bank ^ 1U, rest->digest);
    if (err != 0) { /* bank 1 counts as active: a recovery fills the other one */
        return err;
    }
    b->rec.seen = b->app.commit;
    b->rec.floor = ferry_trial_floor(0, best);
    if (both) {
        uint32_t lower = ferry_trial_floor(0, rest);
        b->rec.floor = lower < b->rec.floor ? lower : b->rec.floor;
    }
    ferry_trial_begin(&b->rec, bank, best, both, &b->app);
    if (factory || !readable) {
        b->rec.flags &= FERRY_BOOT_BANK;
        b->rec.outcome = FERRY_OUTCOME_NONE;
    }
    return 0;
}

/* ---- the decision ---------------------------------------------------------------- */

static bool below_floor(const struct boot *b, unsigned bank)
{
    const struct ferry_image *image = &b->bank[bank].image;
    return ferry_policy_below(b->rec.floor, image->slot, image->sec_ctr);
}

/* The other bank takes over, if it is the recorded previous image, whole and genuine;
 * after a crash loop, which an attacker can cause, only if the floor allows it. */
static bool fall_back(struct boot *b, enum ferry_outcome why)
{
    unsigned bank = ferry_trial_bank(&b->rec);

    if ((b->rec.flags & FERRY_BOOT_FALLBACK) == 0 ||
        examine(b, bank ^ 1U, b->rec.previous, true) != 0 ||
        (why == FERRY_OUTCOME_CRASH_LOOP && below_floor(b, bank ^ 1U))) {
        return false;
    }
    ferry_trial_return(&b->rec, why, &b->bank[bank].image);
    return true;
}

/* The application asked for the other bank: policy, signature and hash of what really
 * stands there decide. Judged once, whatever comes of it. */
static bool try_commit(struct boot *b, bool fallback)
{
    unsigned other = ferry_trial_bank(&b->rec) ^ 1U;

    if (!ferry_trial_asked(&b->rec, &b->app)) {
        return false;
    }
    b->rec.seen = b->app.commit;
    if (ferry_trial_runs(&b->rec)) {
        return false;
    }
    if (b->app.bank != other || examine(b, other, b->app.digest, true) != 0 ||
        below_floor(b, other)) {
        ferry_trial_refuse(&b->rec, b->app.digest);
        return false;
    }
    ferry_trial_begin(&b->rec, other, &b->bank[other].image, fallback, &b->app);
    return true;
}

/* Was it what boots that came to this reset? A trial whose start could not be recorded
 * never began. RAM that lost its supply cannot tell. */
static bool ran(const struct boot *b)
{
    const struct ferry_handoff *h = b->cfg->handoff;
    return h->magic != FERRY_HANDOFF_MAGIC || h->bank == ferry_trial_bank(&b->rec);
}

/* What boots, with everything that has happened since: 0, or why nothing does. */
static int decide(struct boot *b, enum ferry_reset reset, bool expired)
{
    unsigned bank = ferry_trial_bank(&b->rec);
    bool shown = ferry_trial_shown(&b->rec, &b->app);
    bool asked = shown || b->journal.doubt || b->cfg->flash->lock == NULL;
    int err = examine(b, bank, b->rec.active, asked);
    enum ferry_outcome why = FERRY_OUTCOME_DAMAGED;

    if (err == 0) { /* what is damaged has had no chance to prove itself, or to fail */
        if (shown) {
            ferry_trial_confirm(&b->rec, &b->bank[bank].image);
        }
        ferry_trial_forgive(&b->rec, &b->app);
        why = ran(b) ? ferry_trial_count(&b->rec, reset, expired) : FERRY_OUTCOME_NONE;
    }
    if (try_commit(b, err == 0)) {
        return 0;
    }
    if (why != FERRY_OUTCOME_NONE) {
        if (fall_back(b, why)) {
            b->flags |= why == FERRY_OUTCOME_CRASH_LOOP ? FERRY_HANDOFF_CRASH_LOOP : 0;
            return 0;
        }
        b->flags |= FERRY_HANDOFF_NO_FALLBACK;
    }
    return err;
}

/* ---- recording, and what follows ------------------------------------------------- */

/* Whatever is programmed is read back by the journal, several times. */
static bool record(struct boot *b)
{
    const struct ferry_flash *flash = b->cfg->flash;
    struct ferry_flash_op op;

    ferry_journal_append(&b->journal, &b->rec, b->cfg->room);
    while (ferry_journal_next(&b->journal, &op)) {
        int status;
        if (!op.erase) {
            status = flash->write(flash->ctx, op.addr, op.buf, op.len);
        } else if (flash->power_ok == NULL || flash->power_ok(flash->ctx)) {
            do {
                alive(b->cfg);
                status = flash->erase(flash->ctx, op.addr);
            } while (status == FERRY_MORE);
        } else {
            return false;
        }
        if (ferry_journal_did(&b->journal, status) != 0) {
            return false;
        }
    }
    return true;
}

static bool guarded(const struct boot *b)
{
    return b->cfg->arm_watchdog != NULL && b->cfg->arm_watchdog(b->cfg->ctx) == 0;
}

static void lock(struct boot *b, uint32_t addr, uint32_t len)
{
    const struct ferry_flash *flash = b->cfg->flash;

    if (flash->lock == NULL || flash->lock(flash->ctx, addr, len) != 0) {
        b->flags |= FERRY_HANDOFF_OPEN;
    }
}

/* Nothing that boots, and nothing that says what boots, can be written from here on. */
static void lock_all(struct boot *b)
{
    const struct ferry_boot_config *cfg = b->cfg;
    const struct ferry_map *map = cfg->map;

    for (unsigned i = 0; i < 2; i++) {
        lock(b, map->boot_journal[i], cfg->flash->erase_unit);
        if (ferry_trial_runs(&b->rec) || i == ferry_trial_bank(&b->rec)) {
            lock(b, map->bank[i].addr, map->bank[i].len);
        }
    }
    for (unsigned i = 0; i < cfg->locks_len; i++) {
        lock(b, cfg->locks[i].addr, cfg->locks[i].len);
    }
}

static void hand_off(const struct boot *b, enum ferry_reset reset, int err,
                     uint32_t raw_cause)
{
    struct ferry_handoff *h = b->cfg->handoff;
    bool trial = ferry_trial_runs(&b->rec);

    h->magic = FERRY_HANDOFF_MAGIC;
    h->version = 1;
    h->reset = (uint8_t)reset;
    h->bank = (uint8_t)ferry_trial_bank(&b->rec);
    h->attempts = ferry_trial_attempts(&b->rec);
    h->flags = (uint8_t)(b->flags | (trial ? FERRY_HANDOFF_TRIAL : 0));
    h->halt = (uint8_t)-err;
    h->spare[0] = 0;
    h->spare[1] = 0;
    h->raw_cause = raw_cause;
    h->wish = 0;
}

int ferry_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
               uint32_t raw_cause)
{
    struct boot b;
    struct ferry_journal app;
    struct ferry_boot_record before;
    bool expired; /* the application says that its trial has lasted too long */

    memset(&b, 0, sizeof b);
    b.cfg = cfg;
    ferry_journal_init(&app, cfg->flash, cfg->map->app_journal, FERRY_JOURNAL_APP,
                       sizeof b.app);
    app.sound_only = true;
    if (ferry_journal_scan(&app, &b.app) != 0) { /* nothing is asked, then */
        memset(&b.app, 0, sizeof b.app);
    }
    ferry_journal_init(&b.journal, cfg->flash, cfg->map->boot_journal,
                       FERRY_JOURNAL_BOOT, sizeof b.rec);
    int scan = ferry_journal_scan(&b.journal, &b.rec);
    bool known = b.journal.found;
    bool readable = scan != FERRY_E_FLASH;
    reset = hear_wish(cfg->handoff, reset, &expired);
    before = b.rec;
    int err = known ? decide(&b, reset, expired) : start_anew(&b, readable);
    /* A trial that nothing guards does not begin, nor go on. */
    if (err == 0 && ferry_trial_runs(&b.rec) && !guarded(&b)) {
        (void)fall_back(&b, FERRY_OUTCOME_REFUSED);
    }
    bool news =
        !known || b.journal.doubt || memcmp(&before, &b.rec, sizeof before) != 0;
    bool written = !news || (readable && record(&b));
    b.flags |= written ? 0 : FERRY_HANDOFF_UNWRITTEN;
    if (err == 0) {
        /* One that cannot be counted does not begin either; this time the previous image
         * boots, and flash cannot say so. */
        if (!written && ferry_trial_runs(&b.rec)) {
            (void)fall_back(&b, FERRY_OUTCOME_REFUSED);
        }
        err = ferry_verify_passed(&b.bank[ferry_trial_bank(&b.rec)].gates)
                  ? 0
                  : FERRY_E_SIG_FINAL;
    }
    if (err == 0) {
        lock_all(&b);
    }
    hand_off(&b, reset, err, raw_cause);
    return err != 0 ? err : (int)ferry_trial_bank(&b.rec);
}
