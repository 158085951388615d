/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a bank must hold to be booted, and which of the two it is this time. What
 * the application's journal says is a request and nothing more. Writes nothing. */
#include <string.h>

#include "boot_in.h"
#include "bytes.h"
#include "flash.h"
#include "policy.h"
#include "records.h"
#include "verify.h"

#define ENVELOPE 12U /* in the room; FERRY_TBS_SPARE bytes stand before it */

_Static_assert(ENVELOPE + FERRY_ENVELOPE_MAX <= FERRY_BOOT_ROOM, "an envelope fits");

/* ---- what a bank holds ----------------------------------------------------------- */

/* The envelope, from the bank into the room: its form, its digest, and (`asked`) its
 * signature. Nothing in it is read here. */
static int open_envelope(const struct ferry_boot_config *cfg, struct ferry_finding *f,
                         bool asked, struct ferry_envelope *e)
{
    const struct ferry_flash *flash = cfg->flash;
    uint8_t *env = cfg->room + ENVELOPE;

    if (flash->read(flash->ctx, cfg->map->bank[f->bank].addr, env,
                    FERRY_ENVELOPE_MAX) != 0) {
        return FERRY_E_FLASH;
    }
    int err = ferry_verify_form(cfg->identity->keys, env, ferry_envelope_len(env), e);
    if (err != 0) {
        return err;
    }
    f->image.slot = e->kid;
    ferry_verify_digest(cfg->crypto, env, f->image.digest);
    if (asked) {
        ferry_boot_alive(cfg);
        err = ferry_verify_ask(cfg->crypto, cfg->identity->keys, env, e);
        ferry_boot_alive(cfg);
    }
    return err == 0 ? 0 : FERRY_E_SIG_FINAL;
}

/* Is the image in this bank genuine, whole, and made for this device and this bank?
 * `want`: first bytes its digest must have, NULL = any. With `asked` the signature is
 * checked; without, the digest must be known, and so must once have been checked. */
static int examine(const struct ferry_boot_config *cfg, struct ferry_finding *f,
                   const uint8_t *want, bool asked)
{
    struct ferry_verify v;
    struct ferry_envelope e;
    struct ferry_manifest m;

    f->gates = 0;
    int err = open_envelope(cfg, f, asked, &e);
    if (err == 0 && want != NULL &&
        memcmp(f->image.digest, want, FERRY_DIGEST_KEPT) != 0) {
        err = FERRY_E_SIG_FINAL;
    }
    int sig = err;
    if (err == 0) {
        err = ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_BOOT);
    }
    if (err == 0) {
        err = -(int)ferry_policy_device(cfg->identity, &m);
    }
    if (err == 0) {
        err = -(int)ferry_policy_bank(cfg->map, f->bank, &m);
    }
    if (err != 0) {
        return err;
    }
    f->image.version = m.version;
    f->image.sec_ctr = m.sec_ctr;
    ferry_verify_init(&v, cfg->flash, cfg->crypto);
    ferry_verify_run(&v, cfg->map->bank[f->bank].addr + cfg->map->header_len, m.length);
    while ((err = ferry_verify_step(&v, FERRY_BLOCK_LEN)) == FERRY_MORE) {
        ferry_boot_alive(cfg);
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

/* From now on this bank boots, on trial. */
static void begin(struct ferry_start *s, const struct ferry_finding *f, bool fallback)
{
    ferry_trial_begin(&s->rec, f->bank, &f->image, fallback, &s->app);
}

/* ---- without a boot record ------------------------------------------------------- */

/* By key slot, then by version. */
static uint64_t age(const struct ferry_image *image)
{
    return (uint64_t)image->slot << 32 | image->version;
}

static bool blank(const struct ferry_flash *flash, const uint32_t page[2])
{
    return ferry_flash_reads(flash, page[0], NULL, flash->erase_unit) &&
           ferry_flash_reads(flash, page[1], NULL, flash->erase_unit);
}

/* Fresh from the factory, bank 0 boots as confirmed. Otherwise the journal was lost: the
 * newest image that verifies is tried anew, with the other one to fall back on. Where it
 * merely cannot be read this time, that image boots, and nothing is written. */
static int start_anew(struct ferry_start *s)
{
    bool factory = blank(s->cfg->flash, s->cfg->map->boot_journal);
    int err = examine(s->cfg, &s->bank[0], NULL, true);
    bool other = examine(s->cfg, &s->bank[1], NULL, true) == 0 && !factory;
    bool both = other && err == 0;

    if (err != 0 && !other) { /* perhaps only this time: nothing is written */
        s->journal.doubt = false;
        return err;
    }
    unsigned bank = both ? age(&s->bank[1].image) > age(&s->bank[0].image) : other;
    const struct ferry_image *best = &s->bank[bank].image;
    const struct ferry_image *rest = &s->bank[bank ^ 1U].image;
    /* As if the rest had been running; nothing else is known. */
    s->rec.flags = (uint8_t)(bank ^ 1U);
    ferry_copy(s->rec.active, rest->digest, FERRY_DIGEST_KEPT);
    s->rec.seen = s->app.commit;
    s->rec.floor = ferry_trial_floor(0, best);
    if (both) {
        uint32_t lower = ferry_trial_floor(0, rest);
        s->rec.floor = lower < s->rec.floor ? lower : s->rec.floor;
    }
    begin(s, &s->bank[bank], both);
    if (factory || s->journal.unread) {
        s->rec.flags &= FERRY_BOOT_BANK;
        s->rec.outcome = FERRY_OUTCOME_NONE;
    }
    return 0;
}

/* ---- the decision ---------------------------------------------------------------- */

static struct ferry_finding *other_of(struct ferry_start *s)
{
    return &s->bank[ferry_trial_bank(&s->rec) ^ 1U];
}

static bool below_floor(const struct ferry_start *s, const struct ferry_finding *f)
{
    return ferry_policy_below(s->rec.floor, f->image.slot, f->image.sec_ctr);
}

/* This bank boots from now on, on trial, if it can be booted as something new. */
static bool try_out(struct ferry_start *s, struct ferry_finding *f, const uint8_t *want,
                    bool fallback)
{
    if (examine(s->cfg, f, want, true) != 0 || below_floor(s, f)) {
        return false;
    }
    begin(s, f, fallback);
    return true;
}

/* The other bank takes over, if it is the recorded previous image, whole and genuine;
 * after a crash loop, which an attacker can cause, only if the floor allows it. */
bool ferry_boot_fall_back(struct ferry_start *s, enum ferry_outcome why)
{
    unsigned bank = ferry_trial_bank(&s->rec);
    struct ferry_finding *other = other_of(s);

    if ((s->rec.flags & FERRY_BOOT_FALLBACK) == 0 ||
        examine(s->cfg, other, s->rec.previous, true) != 0 ||
        (why == FERRY_OUTCOME_CRASH_LOOP && below_floor(s, other))) {
        return false;
    }
    if (why == FERRY_OUTCOME_CRASH_LOOP) {
        s->flags |= FERRY_HANDOFF_CRASH_LOOP;
    }
    ferry_trial_return(&s->rec, why, &s->bank[bank].image);
    return true;
}

/* The application asked for the other bank: policy, signature and hash of what really
 * stands there decide. Judged once, whatever comes of it. */
static bool try_commit(struct ferry_start *s, struct ferry_finding *other,
                       bool fallback)
{
    if (!ferry_trial_asked(&s->rec, s->app.commit)) {
        return false;
    }
    s->rec.seen = s->app.commit;
    if (ferry_trial_runs(&s->rec) && fallback) { /* its trial goes on, undisturbed */
        return false;
    }
    if (s->app.bank == other->bank && try_out(s, other, s->app.digest, fallback)) {
        return true;
    }
    ferry_trial_refuse(&s->rec, s->app.digest);
    return false;
}

/* Was it what boots that came to this reset? A trial whose start could not be recorded
 * never began. RAM that lost its supply cannot tell. */
static bool ran(const struct ferry_start *s)
{
    const struct ferry_handoff *h = s->cfg->handoff;
    return h->magic != FERRY_HANDOFF_MAGIC || h->bank == ferry_trial_bank(&s->rec);
}

/* With everything that has happened since the record. */
static int go_on(struct ferry_start *s, enum ferry_reset reset, bool expired)
{
    unsigned bank = ferry_trial_bank(&s->rec);
    struct ferry_finding *other = other_of(s);
    bool shown = ferry_trial_shown(&s->rec, s->app.confirm);
    bool asked = shown | s->journal.doubt | (s->cfg->flash->lock == NULL);
    int err = examine(s->cfg, &s->bank[bank], s->rec.active, asked);
    enum ferry_outcome why = FERRY_OUTCOME_DAMAGED;

    if (err == 0) { /* what is damaged has had no chance to prove itself, or to fail */
        if (shown) {
            ferry_trial_confirm(&s->rec, &s->bank[bank].image);
        }
        ferry_trial_forgive(&s->rec, &s->app);
        why = ran(s) ? ferry_trial_count(&s->rec, reset, expired) : FERRY_OUTCOME_NONE;
    }
    if (try_commit(s, other, err == 0)) {
        return 0;
    }
    if (why == FERRY_OUTCOME_NONE || ferry_boot_fall_back(s, why)) {
        return 0;
    }
    s->flags |= FERRY_HANDOFF_NO_FALLBACK;
    /* Rather than nothing, anything that is genuine: whatever it was before. */
    return err != 0 && try_out(s, other, NULL, false) ? 0 : err;
}

/* A request whose CONFIRM was torn reads as made at one start, and not at another. Once
 * something boots that did not hear it, it shall never be heard. */
static void void_torn(struct ferry_start *s)
{
    if (ferry_trial_asked(&s->rec, s->torn_commit)) {
        s->rec.seen = s->torn_commit;
    }
    while (ferry_trial_shown(&s->rec, s->torn_confirm) ||
           ferry_trial_shown(&s->rec, s->app.confirm)) {
        ferry_trial_renumber(&s->rec, s->torn_confirm);
    }
}

int ferry_boot_decide(struct ferry_start *s, enum ferry_reset reset, bool expired)
{
    int err = s->journal.found ? go_on(s, reset, expired) : start_anew(s);

    if (err == 0) {
        void_torn(s);
    }
    return err;
}
