/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootloader over flash that holds anything: both banks, both journals, the hand-off
 * block; every kind of reset; a supply that goes in the middle. It writes its journal and
 * nothing else (the flash asserts it), runs only what a second judge finds genuine and
 * whole, says the same at the next start, locks what it must, and lowers no floor. */
#include <string.h>

#include "crypto_sodium.h"
#include "images.h"
#include "journals.h"
#include "policy.h"
#include "records.h"
#include "trial.h"

#define ERASES_MAX 2U /* of a start: a page turn, and another that failed */
#define WRITES_MAX 64U
#define QUIET_STARTS 8U /* as many as a page has slots, and some */

struct bench {
    struct images_device device;
    struct sim_flash flash;
    struct ferry_flash hal;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    struct ferry_handoff handoff;
    struct ferry_boot_config cfg;
    uint32_t room[FERRY_BOOT_ROOM / 4];
    bool watchdog_fails, armed;
    enum ferry_reset reset;
    int booted;
};

static struct bench b;
static const uint32_t no_clock;

/* ---- what there is --------------------------------------------------------------- */

static void digest_of(struct fuzz_input *in, uint8_t *digest)
{
    uint8_t which = fuzz_byte(in);
    struct images_verdict v = images_judge(&b.flash, &b.device, which & 1U);

    memcpy(digest, v.digest, FERRY_DIGEST_KEPT);
    digest[0] ^= which > 0xF0;
}

/* No budget is spent already: where it is, what gives way depends on what ran before. */
static void make_boot(struct fuzz_input *in, void *payload)
{
    struct ferry_boot_record rec = {0};

    rec.flags = fuzz_byte(in);
    uint8_t most = ferry_trial_runs(&rec) ? FERRY_TRIAL_FAULTS : FERRY_CRASH_LOOP;
    rec.faults = (uint8_t)(fuzz_byte(in) % most);
    rec.powers = fuzz_byte(in) % FERRY_TRIAL_POWERS;
    rec.expiries = fuzz_byte(in) % FERRY_TRIAL_FAULTS;
    if (rec.faults + rec.expiries >= (int)FERRY_TRIAL_FAULTS) {
        rec.expiries = 0;
    }
    rec.healthy = fuzz_byte(in) % 2U;
    rec.returns = fuzz_byte(in) % 4U;
    rec.floor = fuzz_below(in, 4) << 24;
    rec.floor |= fuzz_below(in, 8);
    rec.seen = fuzz_byte(in) % 8U - 4U;
    rec.trial = fuzz_byte(in) % 8U - 4U;
    digest_of(in, rec.active);
    digest_of(in, rec.previous);
    memcpy(payload, &rec, sizeof rec);
}

static void make_app(struct fuzz_input *in, void *payload)
{
    struct ferry_app_record rec = {0};

    rec.commit = fuzz_byte(in) % 8U - 4U;
    rec.confirm = fuzz_byte(in) % 8U - 4U;
    rec.bank = fuzz_byte(in) % 4U;
    rec.healthy = fuzz_byte(in) % 2U;
    digest_of(in, rec.digest);
    memcpy(payload, &rec, sizeof rec);
}

static int arm_watchdog(void *ctx)
{
    (void)ctx;
    b.armed = !b.watchdog_fails;
    return b.watchdog_fails ? -1 : 0;
}

static void set_up(struct fuzz_input *in)
{
    static const struct ferry_area bootloader = {IMAGES_SIZE - IMAGES_UNIT,
                                                 IMAGES_UNIT};
    uint8_t how = fuzz_byte(in);
    const struct ferry_map *map = &b.device.map;

    images_device(&b.device);
    chip_new(&b.flash, IMAGES_SIZE, IMAGES_UNIT, 4, 0xFF);
    sim_flash_seed(&b.flash, how);
    sim_flash_grant(&b.flash, 0, map->boot_journal[0], 2 * IMAGES_UNIT);
    b.flash.power_low = (how & 0xF0U) == 0xF0U;
    b.hal = sim_flash_hal(&b.flash, &no_clock);
    b.hal.lock = (how & 1U) != 0 ? NULL : b.hal.lock;
    b.crypto = ferry_sodium_crypto(&b.sodium);
    b.crypto.verify = images_verify;
    b.watchdog_fails = (how & 6U) == 6U;
    b.cfg = (struct ferry_boot_config){
        .identity = &b.device.identity,
        .map = map,
        .flash = &b.hal,
        .crypto = &b.crypto,
        .handoff = &b.handoff,
        .room = (uint8_t *)b.room,
        .locks = &bootloader,
        .locks_len = 1,
        .arm_watchdog = arm_watchdog,
    };
    images_fill(&b.flash, in, &b.device);
    struct journal_kind boot = journals_boot_kind(map), app = journals_app_kind(map);
    journals_forge(&b.flash, in, &boot, make_boot);
    journals_forge(&b.flash, in, &app, make_app);
    if ((how & 8U) != 0) {
        fuzz_fill(in, &b.handoff, sizeof b.handoff);
    } else {
        b.handoff = (struct ferry_handoff){.magic = FERRY_HANDOFF_MAGIC,
                                           .bank = fuzz_byte(in) & 1U};
    }
}

/* ---- the judges ------------------------------------------------------------------ */

/* The newest record; all zero: there is none. `firm`: and it is in no doubt, so that
 * whoever looks finds it. */
static bool record_now(struct ferry_boot_record *rec, bool *firm)
{
    struct journal_kind kind = journals_boot_kind(&b.device.map);
    struct ferry_journal j;

    memset(rec, 0, sizeof *rec);
    bool found = journals_scan(&j, &b.hal, &kind, rec) == 0;
    *firm = found && !j.doubt;
    return found;
}

static bool locked(struct ferry_area area)
{
    for (unsigned i = 0; i < b.flash.locked_n; i++) {
        if (b.flash.locked[i].addr == area.addr && b.flash.locked[i].len == area.len) {
            return true;
        }
    }
    return false;
}

static void all_locked(bool trial)
{
    const struct ferry_map *map = &b.device.map;

    for (unsigned i = 0; i < 2; i++) {
        expect(locked((struct ferry_area){map->boot_journal[i], IMAGES_UNIT}),
               "the boot journal is locked before anything runs");
        expect(locked(map->bank[i]) || (i != (unsigned)b.booted && !trial),
               "what runs is locked, and in a trial what it may go back to");
    }
    expect(locked(b.cfg.locks[0]), "so is what the port names");
}

/* Signed; or, where it was locked ever since, known: then its digest is on record. */
static void genuine(const struct ferry_boot_record *before, bool recorded)
{
    struct images_verdict v = images_judge(&b.flash, &b.device, (unsigned)b.booted);
    bool known = recorded && b.hal.lock != NULL &&
                 ferry_trial_bank(before) == (unsigned)b.booted &&
                 memcmp(v.digest, before->active, FERRY_DIGEST_KEPT) == 0;

    expect(v.whole, "what boots is whole, and made for this device and bank");
    expect(v.signs || known, "what boots is signed, or was when it was recorded");
}

/* A trial that begins is of something that the floor allows; and no floor falls. */
static void no_way_down(const struct ferry_boot_record *before,
                        const struct ferry_boot_record *after)
{
    bool begun = after->trial != before->trial && ferry_trial_runs(after) &&
                 ferry_trial_bank(after) != ferry_trial_bank(before);
    struct images_verdict v =
        images_judge(&b.flash, &b.device, ferry_trial_bank(after));

    expect(after->floor >= before->floor, "the floor never falls");
    expect(!begun || !ferry_policy_below(before->floor, v.slot, v.sec_ctr),
           "nothing below the floor is tried out");
}

/* Unless there is nothing to fall back on: rather than nothing, a trial runs without. */
static void guarded(const struct ferry_boot_record *after)
{
    unsigned other = ferry_trial_bank(after) ^ 1U;
    struct images_verdict v = images_judge(&b.flash, &b.device, other);
    bool fallback = (after->flags & FERRY_BOOT_FALLBACK) != 0 && v.signs &&
                    memcmp(v.digest, after->previous, FERRY_DIGEST_KEPT) == 0;

    expect(b.booted < 0 || !ferry_trial_runs(after) || b.armed || !fallback,
           "a trial is guarded by a watchdog");
}

static void handed_off(void)
{
    const struct ferry_handoff *h = &b.handoff;
    bool trial = (h->flags & FERRY_HANDOFF_TRIAL) != 0;

    expect(h->magic == FERRY_HANDOFF_MAGIC && h->version == 1 && h->wish == 0,
           "the hand-off block is filled in");
    if (b.booted < 0) {
        expect(h->halt == -b.booted, "and says why nothing boots");
        return;
    }
    expect(h->halt == 0 && h->bank == b.booted, "and says what boots");
    expect((h->attempts > 0) == trial, "a trial has attempts left");
    expect(((h->flags & FERRY_HANDOFF_OPEN) != 0) == (b.hal.lock == NULL),
           "what could not be locked is told");
    if (b.hal.lock != NULL) {
        all_locked(trial);
    }
}

/* ---- starts ---------------------------------------------------------------------- */

static void run(void *ctx)
{
    (void)ctx;
    b.booted = ferry_boot(&b.cfg, b.reset, 0xCA05EU);
}

/* False: the supply went. */
static bool start(enum ferry_reset reset)
{
    struct ferry_boot_record before, after;
    uint32_t erases = b.flash.erases, writes = b.flash.writes, ops = b.flash.ops;

    b.armed = false;
    b.reset = reset;
    sim_flash_reset(&b.flash);
    bool was_firm, is_firm;
    bool recorded = record_now(&before, &was_firm);
    bool whole = sim_flash_hold(&b.flash, run, NULL);
    expect(b.flash.erases - erases <= ERASES_MAX &&
               b.flash.writes - writes <= WRITES_MAX,
           "a start has a bounded number of flash operations");
    if (!whole) {
        return false;
    }
    expect(b.booted <= 1, "one of two banks, or an error");
    handed_off();
    if (b.booted >= 0) {
        genuine(&before, recorded);
    } else if (b.flash.cuts == 0) { /* torn bits could have told it more than us */
        expect(recorded || b.flash.ops == ops,
               "a lost journal stays lost while nothing holds");
    }
    (void)record_now(&after, &is_firm);
    if (is_firm && was_firm) {
        no_way_down(&before, &after);
    }
    if (is_firm && (b.handoff.flags & FERRY_HANDOFF_UNWRITTEN) == 0) {
        guarded(&after);
    }
    return true;
}

static bool is_signed(int bank)
{
    return bank >= 0 && images_judge(&b.flash, &b.device, (unsigned)bank).signs;
}

/* Nothing happens but sleep: the answer stays the same, and soon nothing is written any
 * more. Not at once, where the page that is not in use was torn: until it is erased, each
 * start says its record anew. */
static void sleep_on(void)
{
    int booted = b.booted;

    for (unsigned n = 0; n < QUIET_STARTS; n++) {
        uint32_t ops = b.flash.ops;
        bool written = (b.handoff.flags & FERRY_HANDOFF_UNWRITTEN) == 0;
        expect(start(FERRY_RESET_WAKE), "no supply goes by itself");
        if (!written || (b.handoff.flags & FERRY_HANDOFF_UNWRITTEN) != 0) {
            return; /* what could not be said is decided anew */
        }
        /* A signature that does not hold is asked for while the journal is in doubt, and
         * then no more; and a record may be in doubt at one start and not at another. */
        expect(b.booted == booted || !is_signed(booted >= 0 ? booted : b.booted),
               "the next start gives the same answer");
        booted = b.booted;
        if (b.flash.ops == ops) {
            return;
        }
    }
    expect(false, "a device at rest stops writing");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};

    set_up(&in);
    for (unsigned n = 1 + fuzz_below(&in, 4); n > 0; n--) {
        uint8_t how = fuzz_byte(&in), cut = fuzz_byte(&in);
        b.handoff.wish = (how & 8U) != 0 ? fuzz_number(&in, 4) : b.handoff.wish;
        if ((how & 16U) != 0) {
            ferry_handoff_planned(&b.handoff);
        } else if ((how & 32U) != 0) {
            ferry_handoff_expired(&b.handoff);
        }
        if ((cut & 1U) != 0) {
            sim_flash_cut(&b.flash, cut >> 1 & 7U,
                          (enum sim_cut)((cut >> 4) % SIM_CUTS));
        }
        if (start((enum ferry_reset)(how % 8U))) {
            sleep_on();
        }
    }
    return 0;
}
