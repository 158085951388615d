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

/* What a bank turned out to hold. */
struct finding {
    uint8_t digest[FERRY_HASH_LEN];
    uint32_t version, sec_ctr;
    uint32_t floor; /* that it would set alone */
    uint32_t gates; /* FERRY_GATES_PASSED */
    uint8_t slot;
};

/* A start, as far as it has got. */
struct boot {
    struct ferry_boot_record rec; /* as decided */
    const struct ferry_boot_config *cfg;
    struct ferry_app_record app;
    struct finding found; /* in the bank that is to boot */
    struct ferry_journal journal;
    enum ferry_reset reset;
    bool expired; /* the application says that its trial has lasted too long */
    bool doubt;   /* a signature is worth asking for */
    uint8_t flags;
};

/* ---- the hand-off block ---------------------------------------------------------- */

int ferry_trial_unguarded(void *ctx)
{
    (void)ctx;
    return 0;
}

/* A reset by software is a crash, unless the application said that it was coming. RAM
 * without power says nothing. */
static void hear_wish(struct boot *b, enum ferry_reset reset)
{
    uint32_t wish = reset == FERRY_RESET_SOFT ? b->cfg->handoff->wish : 0;

    b->expired = wish == FERRY_WISH_EXPIRED;
    b->reset = b->expired || wish == FERRY_WISH_PLANNED ? FERRY_RESET_PLANNED : reset;
}

/* ---- what a bank holds ----------------------------------------------------------- */

static void alive(const struct boot *b)
{
    if (b->cfg->alive != NULL) {
        b->cfg->alive(b->cfg->ctx);
    }
}

/* The envelope, from the bank into the room: its form, its digest, and (`asked`) its
 * signature. Nothing in it is read here. */
static int open_envelope(const struct boot *b, unsigned bank, bool asked,
                         struct ferry_envelope *e, struct finding *f)
{
    const struct ferry_boot_config *cfg = b->cfg;
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
    f->slot = e->kid;
    ferry_verify_digest(cfg->crypto, env, f->digest);
    if (asked) {
        alive(b);
        err = ferry_verify_ask(cfg->crypto, cfg->identity->keys, env, e);
        alive(b);
    }
    return err == 0 ? 0 : FERRY_E_SIG_FINAL;
}

/* Is the image in `bank` genuine, whole, and made for this device and this bank?
 * `want`: first bytes its digest must have, NULL = any. With `asked` the signature is
 * checked; without, the digest must be known, and so must once have been checked. */
static int examine(const struct boot *b, unsigned bank, const uint8_t *want, bool asked,
                   struct finding *f)
{
    const struct ferry_boot_config *cfg = b->cfg;
    struct ferry_verify v;
    struct ferry_envelope e;
    struct ferry_manifest m;

    memset(f, 0, sizeof *f);
    int err = open_envelope(b, bank, asked, &e, f);
    if (err == 0 && want != NULL && memcmp(f->digest, want, FERRY_DIGEST_KEPT) != 0) {
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
    f->version = m.version;
    f->sec_ctr = m.sec_ctr;
    f->floor = ferry_trial_floor(0, e.kid, m.sec_ctr);
    ferry_verify_run(&v, cfg->flash, cfg->crypto,
                     cfg->map->bank[bank].addr + cfg->map->header_len, m.length);
    while ((err = ferry_verify_step(&v, FERRY_BLOCK_LEN)) == FERRY_MORE) {
        alive(b);
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

static bool newer(const struct finding *a, const struct finding *b)
{
    return a->slot != b->slot ? a->slot > b->slot : a->version > b->version;
}

static bool blank(const struct boot *b, unsigned page)
{
    return ferry_flash_reads(b->cfg->flash, b->cfg->map->boot_journal[page], NULL,
                             b->cfg->flash->erase_unit);
}

/* Fresh from the factory, bank 0 boots as confirmed. Otherwise the journal was lost: the
 * newest image that verifies is tried anew, with the other one to fall back on. Where it
 * merely cannot be read this time, that image boots, and nothing is written. */
static int start_anew(struct boot *b, bool readable)
{
    struct finding f[2];
    struct finding *best = &f[0], *rest = &f[1];
    bool factory = readable && blank(b, 0) && blank(b, 1);
    int err = examine(b, 0, NULL, true, &f[0]);
    bool both = false;

    if (!factory && examine(b, 1, NULL, true, &f[1]) == 0) {
        both = err == 0;
        if (!both || newer(&f[1], &f[0])) {
            best = &f[1];
            rest = &f[0];
        }
        err = 0;
    }
    b->found = *best;
    ferry_trial_settle(&b->rec, best == f ? 1 : 0, rest->digest);
    if (err != 0) { /* bank 1 counts as active: a recovery fills the other one */
        return err;
    }
    b->rec.seen = b->app.commit;
    b->rec.floor = both && rest->floor < best->floor ? rest->floor : best->floor;
    ferry_trial_begin(&b->rec, best == f ? 0 : 1, best->digest, best->version, both,
                      &b->app);
    if (factory || !readable) {
        b->rec.flags &= FERRY_BOOT_BANK;
        b->rec.outcome = FERRY_OUTCOME_NONE;
    }
    return 0;
}

/* ---- the decision ---------------------------------------------------------------- */

/* The other bank takes over, if it is the recorded previous image, whole and genuine;
 * after a crash loop, which an attacker can cause, only if the floor allows it. */
static bool fall_back(struct boot *b, enum ferry_outcome why)
{
    struct finding f;

    if ((b->rec.flags & FERRY_BOOT_FALLBACK) == 0 ||
        examine(b, ferry_trial_bank(&b->rec) ^ 1U, b->rec.previous, true, &f) != 0 ||
        (why == FERRY_OUTCOME_CRASH_LOOP &&
         ferry_policy_below(b->rec.floor, f.slot, f.sec_ctr))) {
        return false;
    }
    ferry_trial_return(&b->rec, why, b->found.slot, b->found.version);
    b->found = f;
    return true;
}

/* The application asked for the other bank: policy, signature and hash of what really
 * stands there decide. Judged once, whatever comes of it. */
static bool try_commit(struct boot *b, bool fallback)
{
    unsigned other = ferry_trial_bank(&b->rec) ^ 1U;
    struct finding f;

    if (!ferry_trial_asked(&b->rec, &b->app)) {
        return false;
    }
    b->rec.seen = b->app.commit;
    if (ferry_trial_runs(&b->rec)) {
        return false;
    }
    if (b->app.bank != other || b->cfg->arm_watchdog == NULL ||
        examine(b, other, b->app.digest, true, &f) != 0 ||
        ferry_policy_below(b->rec.floor, f.slot, f.sec_ctr)) {
        b->rec.outcome = FERRY_OUTCOME_REFUSED;
        b->rec.outcome_version = 0;
        memcpy(b->rec.outcome_digest, b->app.digest, FERRY_DIGEST_TOLD);
        return false;
    }
    ferry_trial_begin(&b->rec, other, f.digest, f.version, fallback, &b->app);
    b->found = f;
    return true;
}

/* What boots, with everything that has happened since: 0, or why nothing does. */
static int decide(struct boot *b)
{
    bool shown = ferry_trial_shown(&b->rec, &b->app);
    int err = examine(b, ferry_trial_bank(&b->rec), b->rec.active, b->doubt || shown,
                      &b->found);
    enum ferry_outcome why = FERRY_OUTCOME_DAMAGED;

    if (err == 0) { /* what is damaged has had no chance to prove itself, or to fail */
        if (shown) {
            ferry_trial_confirm(&b->rec, b->found.slot, b->found.sec_ctr);
        }
        ferry_trial_forgive(&b->rec, &b->app);
        why = ferry_trial_count(&b->rec, b->reset, b->expired);
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
                alive(b);
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

static void hand_off(const struct boot *b, int err, uint32_t raw_cause)
{
    struct ferry_handoff *h = b->cfg->handoff;
    bool trial = ferry_trial_runs(&b->rec);

    memset(h, 0, sizeof *h);
    h->magic = FERRY_HANDOFF_MAGIC;
    h->version = 1;
    h->reset = (uint8_t)b->reset;
    h->bank = (uint8_t)ferry_trial_bank(&b->rec);
    h->attempts = ferry_trial_attempts(&b->rec);
    h->flags = (uint8_t)(b->flags | (trial ? FERRY_HANDOFF_TRIAL : 0));
    h->halt = (uint8_t)-err;
    h->raw_cause = raw_cause;
}

int ferry_boot(const struct ferry_boot_config *cfg, enum ferry_reset reset,
               uint32_t raw_cause)
{
    struct boot b;
    struct ferry_journal app;
    struct ferry_boot_record before;

    memset(&b, 0, sizeof b);
    b.cfg = cfg;
    hear_wish(&b, reset);
    ferry_journal_init(&app, cfg->flash, cfg->map->app_journal, FERRY_JOURNAL_APP,
                       sizeof b.app);
    app.sound_only = true;
    if (ferry_journal_scan(&app, &b.app) != 0) {
        memset(&b.app, 0, sizeof b.app);
    }
    ferry_journal_init(&b.journal, cfg->flash, cfg->map->boot_journal,
                       FERRY_JOURNAL_BOOT, sizeof b.rec);
    int scan = ferry_journal_scan(&b.journal, &b.rec);
    bool known = scan == 0;
    bool readable = scan != FERRY_E_FLASH;
    before = b.rec;
    b.doubt = b.journal.doubt || cfg->flash->lock == NULL;
    int err = known ? decide(&b) : start_anew(&b, readable);
    bool news =
        !known || b.journal.doubt || memcmp(&before, &b.rec, sizeof before) != 0;
    bool written = !news || (readable && record(&b));
    b.flags |= written ? 0 : FERRY_HANDOFF_UNWRITTEN;
    if (err == 0) {
        /* A trial that cannot be counted, or that nothing guards, does not begin: this
         * time the previous image boots, and nothing is written about it. */
        if (ferry_trial_runs(&b.rec) && !(written && guarded(&b))) {
            (void)fall_back(&b, FERRY_OUTCOME_REFUSED);
        }
        err = ferry_verify_passed(&b.found.gates) ? 0 : FERRY_E_SIG_FINAL;
    }
    if (err == 0) {
        lock_all(&b);
    }
    hand_off(&b, err, raw_cause);
    return err != 0 ? err : (int)ferry_trial_bank(&b.rec);
}
