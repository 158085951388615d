/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a bank must hold to be booted, and which of the two it is this time. What
 * the application's journal says is a request and nothing more. Writes nothing. */
#include <string.h>

#include "boot_in.h"
#include "bytes.h"
#include "flash.h"
#include "records.h"

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
/*@ requires config(cfg) && \valid(f) && f->bank <= 1;
  @ requires want != \null ==> \valid_read(want + (0 .. 15));
  @ terminates \true;
  @ assigns f->image, f->gates, cfg->room[0 .. FERRY_BOOT_ROOM - 1];
  @ ensures f->bank == \old(f->bank);
  @ ensures genuine: \result == 0 ==> f->gates == FERRY_GATES_PASSED; */
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
/*@ requires start(s) && (f == &s->bank[0] || f == &s->bank[1]);
  @ terminates \true;
  @ assigns s->rec;
  @ ensures start(s) && picked(s) == f->bank;
  @ ensures own(s, 0) == \old(own(s, 0)) && own(s, 1) == \old(own(s, 1));
  @ ensures genuine(s, 0) <==> \old(genuine(s, 0));
  @ ensures genuine(s, 1) <==> \old(genuine(s, 1));
  @ ensures never_falls: s->rec.floor == \old(s->rec.floor); */
static void begin(struct ferry_start *s, const struct ferry_finding *f, bool fallback)
{
    ferry_trial_begin(&s->rec, f->bank, &f->image, fallback, &s->app);
}

/* ---- without a boot record ------------------------------------------------------- */

/* By key slot, then by version. */
/*@ requires \valid_read(image);
  @ terminates \true;
  @ assigns \nothing; */
static uint64_t age(const struct ferry_image *image)
{
    return (uint64_t)image->slot << 32 | image->version;
}

/*@ requires \valid_read(flash) && \valid_read(page + (0 .. 1));
  @ terminates \true;
  @ assigns \nothing; */
static bool blank(const struct ferry_flash *flash, const uint32_t page[2])
{
    return ferry_flash_reads(flash, page[0], NULL, flash->erase_unit) &&
           ferry_flash_reads(flash, page[1], NULL, flash->erase_unit);
}

/* Fresh from the factory, bank 0 boots as confirmed. Otherwise the journal was lost, also
 * where it reads blank (a cut can leave it so while it is begun anew): the newest image that
 * verifies is tried anew, with the other one to fall back on. Where it merely cannot be read
 * this time, that image boots, and nothing is written. */
/*@ requires start(s);
  @ terminates \true;
  @ assigns s->rec, s->bank[0 .. 1], s->journal.doubt,
  @   s->cfg->room[0 .. FERRY_BOOT_ROOM - 1];
  @ ensures start(s);
  @ ensures picks: \result == 0 ==> genuine(s, picked(s));
  @ ensures begins_anew: \result == 0 ==> begun_anew(s); */
static int start_anew(struct ferry_start *s)
{
    int err = examine(s->cfg, &s->bank[0], NULL, true);
    bool factory = err == 0 && blank(s->cfg->flash, s->cfg->map->boot_journal);
    bool other = examine(s->cfg, &s->bank[1], NULL, true) == 0 && !factory;
    bool both = other && err == 0;

    if (err != 0 && !other) { /* perhaps only this time: nothing is written */
        s->journal.doubt = false;
        return err;
    }
    unsigned bank = both ? age(&s->bank[1].image) > age(&s->bank[0].image) : other;
    /*@ assert start(s) && (bank == 0 || bank == 1) && genuine(s, bank); */
    /*@ assert both ==> genuine(s, 0) && genuine(s, 1); */
    const struct ferry_image *best = &s->bank[bank].image;
    const struct ferry_image *rest = &s->bank[bank ^ 1U].image;
    /*@ assert bank == 0 && best == &s->bank[0].image && rest == &s->bank[1].image ||
      @   bank == 1 && best == &s->bank[1].image && rest == &s->bank[0].image; */
    /* As if the rest had been running; nothing else is known. */
    s->rec.flags = (uint8_t)(bank ^ 1U);
    ferry_copy(s->rec.active, rest->digest, FERRY_DIGEST_KEPT);
    s->rec.seen = s->app.commit;
    s->rec.floor = ferry_trial_floor(0, best);
    /*@ assert s->rec.floor == own(s, bank); */
    if (both) {
        uint32_t lower = ferry_trial_floor(0, rest);
        /*@ assert bank == 0 ==> lower == own(s, 1) && s->rec.floor == own(s, 0); */
        /*@ assert bank == 1 ==> lower == own(s, 0) && s->rec.floor == own(s, 1); */
        s->rec.floor = lower < s->rec.floor ? lower : s->rec.floor;
    }
    /*@ assert start(s) && genuine(s, bank); */
    /*@ assert bank == 0 ==> s->rec.floor == own(s, 0) ||
      @   both && s->rec.floor == own(s, 1) && s->rec.floor < own(s, 0); */
    /*@ assert bank == 1 ==> s->rec.floor == own(s, 1) ||
      @   both && s->rec.floor == own(s, 0) && s->rec.floor < own(s, 1); */
    begin(s, &s->bank[bank], both);
    /*@ assert picked(s) == bank; */
    /*@ assert genuine(s, bank); */
    /*@ assert both ==> genuine(s, 0) && genuine(s, 1); */
    /*@ assert begun_anew(s); */
    if (factory || s->journal.unread) {
        s->rec.flags &= FERRY_BOOT_BANK;
        /*@ assert picked(s) == bank; */
        s->rec.outcome = FERRY_OUTCOME_NONE;
        /*@ assert picked(s) == bank && s->bank[0].bank == 0 && s->bank[1].bank == 1; */
    }
    /*@ assert start(s); */
    /*@ assert picked(s) == bank && genuine(s, bank); */
    /*@ assert begun_anew(s); */
    return 0;
}

/* ---- the decision ---------------------------------------------------------------- */

/*@ requires start(s);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == (picked(s) == 1 ? &s->bank[0] : &s->bank[1]); */
static struct ferry_finding *other_of(struct ferry_start *s)
{
    return &s->bank[ferry_trial_bank(&s->rec) ^ 1U];
}

/*@ requires \valid_read(s) && \valid_read(f);
  @ terminates \true;
  @ assigns \nothing; */
static bool below_floor(const struct ferry_start *s, const struct ferry_finding *f)
{
    return ferry_policy_below(s->rec.floor, f->image.slot, f->image.sec_ctr);
}

/* This bank boots from now on, on trial, if it can be booted as something new. */
/*@ requires start(s) && (f == &s->bank[0] || f == &s->bank[1]);
  @ requires want != \null ==> \valid_read(want + (0 .. 15)) &&
  @   \separated(want + (0 .. 15), f, s->cfg->room + (0 .. FERRY_BOOT_ROOM - 1));
  @ terminates \true;
  @ assigns s->rec, f->image, f->gates, s->cfg->room[0 .. FERRY_BOOT_ROOM - 1];
  @ ensures start(s);
  @ ensures picks: \result ==> picked(s) == f->bank && genuine(s, picked(s));
  @ ensures stays: !\result ==> s->rec.flags == \old(s->rec.flags);
  @ ensures never_falls: s->rec.floor == \old(s->rec.floor); */
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
/*@ requires start(s) && other == (picked(s) == 1 ? &s->bank[0] : &s->bank[1]);
  @ terminates \true;
  @ assigns s->rec, other->image, other->gates,
  @   s->cfg->room[0 .. FERRY_BOOT_ROOM - 1];
  @ ensures start(s);
  @ ensures picks: \result ==> picked(s) == other->bank && genuine(s, picked(s));
  @ ensures stays: !\result ==> s->rec.flags == \old(s->rec.flags);
  @ ensures never_falls: s->rec.floor == \old(s->rec.floor); */
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
    /*@ assert start(s); */
    ferry_trial_refuse(&s->rec, s->app.digest);
    return false;
}

/* Was it what boots that came to this reset? A trial whose start could not be recorded
 * never began. RAM that lost its supply cannot tell. */
/*@ requires start(s);
  @ terminates \true;
  @ assigns \nothing; */
static bool ran(const struct ferry_start *s)
{
    const struct ferry_handoff *h = s->cfg->handoff;
    return h->magic != FERRY_HANDOFF_MAGIC || h->bank == ferry_trial_bank(&s->rec);
}

/* With everything that has happened since the record. */
/*@ requires start(s);
  @ terminates \true;
  @ assigns s->rec, s->flags, s->bank[0 .. 1], s->cfg->room[0 .. FERRY_BOOT_ROOM - 1];
  @ ensures start(s);
  @ ensures picks: \result == 0 ==> genuine(s, picked(s));
  @ ensures never_falls: s->rec.floor >= \old(s->rec.floor); */
static int go_on(struct ferry_start *s, enum ferry_reset reset, bool expired)
{
    unsigned bank = ferry_trial_bank(&s->rec);
    struct ferry_finding *other = other_of(s);
    bool shown = ferry_trial_shown(&s->rec, s->app.confirm);
    bool asked = shown | s->journal.doubt | (s->cfg->flash->lock == NULL);
    int err = examine(s->cfg, &s->bank[bank], s->rec.active, asked);
    /*@ assert start(s) && bank == picked(s) && (err == 0 ==> genuine(s, bank)); */
    enum ferry_outcome why = FERRY_OUTCOME_DAMAGED;

    if (err == 0) { /* what is damaged has had no chance to prove itself, or to fail */
        if (shown) {
            ferry_trial_confirm(&s->rec, &s->bank[bank].image);
        }
        /*@ assert start(s) && genuine(s, bank) && bank == picked(s); */
        ferry_trial_forgive(&s->rec, &s->app);
        /*@ assert s->bank[0].bank == 0 && s->bank[1].bank == 1; */
        /*@ assert start(s); */
        /*@ assert genuine(s, bank); */
        /*@ assert bank == picked(s); */
        why = ran(s) ? ferry_trial_count(&s->rec, reset, expired) : FERRY_OUTCOME_NONE;
    }
    /*@ assert start(s) && bank == picked(s) && (err == 0 ==> genuine(s, bank)); */
    /*@ assert other == (bank == 1 ? &s->bank[0] : &s->bank[1]); */
    if (try_commit(s, other, err == 0)) {
        return 0;
    }
    /*@ assert start(s) && bank == picked(s) && (err == 0 ==> genuine(s, bank)); */
    if (why == FERRY_OUTCOME_NONE || ferry_boot_fall_back(s, why)) {
        return 0;
    }
    s->flags |= FERRY_HANDOFF_NO_FALLBACK;
    /*@ assert start(s) && bank == picked(s) && (err == 0 ==> genuine(s, bank)); */
    /* Rather than nothing, anything that is genuine: whatever it was before. */
    return err != 0 && try_out(s, other, NULL, false) ? 0 : err;
}

/* A request whose CONFIRM was torn reads as made at one start, and not at another. Once
 * something boots that did not hear it, it shall never be heard. */
/*@ requires \valid(s);
  @ terminates \true;
  @ assigns s->rec.seen, s->rec.trial;
  @ ensures own(s, 0) == \old(own(s, 0)) && own(s, 1) == \old(own(s, 1));
  @ ensures genuine(s, 0) <==> \old(genuine(s, 0));
  @ ensures genuine(s, 1) <==> \old(genuine(s, 1));
  @ ensures picked(s) == \old(picked(s)) && s->rec.floor == \old(s->rec.floor); */
static void void_torn(struct ferry_start *s)
{
    if (ferry_trial_asked(&s->rec, s->torn_commit)) {
        s->rec.seen = s->torn_commit;
    }
    /*@ ghost int tries = 0; */
    /*@ loop invariant 0 <= tries <= 2;
      @ loop invariant tries > 0 ==> s->rec.trial != s->torn_confirm;
      @ loop invariant tries > 1 ==> s->rec.trial != s->app.confirm;
      @ loop assigns s->rec.trial, tries;
      @ loop variant 2 - tries; */
    while (ferry_trial_shown(&s->rec, s->torn_confirm) ||
           ferry_trial_shown(&s->rec, s->app.confirm)) {
        ferry_trial_renumber(&s->rec, s->torn_confirm);
        /*@ ghost tries++; */
    }
}

int ferry_boot_decide(struct ferry_start *s, enum ferry_reset reset, bool expired)
{
    int err = s->journal.found ? go_on(s, reset, expired) : start_anew(s);

    /*@ assert begins_anew: err == 0 && !s->journal.found ==> begun_anew(s); */
    if (err == 0) {
        void_torn(s);
    }
    return err;
}
