/* SPDX-License-Identifier: Apache-2.0
 *
 * The application's journal over flash that holds anything, the bootloader's journal and
 * the running bank's envelope included: opened, asked for commits, statements and
 * confirms, its writes carried out, cut or failed. It writes its own two pages and no
 * other (the flash asserts it); it asks for nothing that no gate allowed; what it said to
 * be durable is found again; and no statement's counter comes twice. */
#include <string.h>

#include "crypto_sodium.h"
#include "ferry/app_journal.h"
#include "journals.h"
#include "records.h"
#include "release.h"
#include "trial.h"
#include "verify.h"

#define PAGE 512U
#define BANK_LEN 1024U
#define BANK_AT(bank) ((bank)*BANK_LEN)
#define BOOT_AT(page) (2U * BANK_LEN + (page)*PAGE)
#define APP_AT(page) (2U * BANK_LEN + (2U + (page)) * PAGE)
#define STEPS 32U
#define DARK_MAX 3U   /* cuts and failures until a record stands again, at most */
#define DARK_FIRST 2U /* the same before the first one stood */
#define WORK_MAX 100U /* flash operations after one event */
#define DAY_MS (24U * 3600U * 1000U)

struct bench {
    struct sim_flash flash;
    struct ferry_flash hal;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    struct ferry_map map;
    struct ferry_handoff handoff;
    struct ferry_app_journal_config cfg;
    struct ferry_app_journal app;
    struct ferry_commit seam;
    uint32_t room[FERRY_BOOT_ROOM / 4];
    uint8_t digest[FERRY_HASH_LEN]; /* of the envelope in bank 0 */
    uint32_t now;
    uint32_t counter;         /* of the last statement, of any start */
    bool selftest, met, told; /* since the start */
    unsigned dark, most;      /* cuts and failures since a record stood; how many */
    bool asked;               /* a commit was answered with 0, and stands */
    struct ferry_ticket ticket;
};

static struct bench b;

/* ---- what stands in flash -------------------------------------------------------- */

/* Fields near each other, so that journals have something to do with one another. */
static void make_boot(struct fuzz_input *in, void *payload)
{
    struct ferry_boot_record rec = {0};

    rec.flags = fuzz_byte(in);
    rec.faults = fuzz_byte(in) % 8U;
    rec.seen = fuzz_byte(in) % 8U - 4U;
    rec.trial = fuzz_byte(in) % 8U;
    rec.floor = fuzz_number(in, 4);
    memcpy(rec.active, b.digest, sizeof rec.active);
    rec.active[0] ^= fuzz_byte(in) == 1;
    memcpy(payload, &rec, sizeof rec);
}

static void make_app(struct fuzz_input *in, void *payload)
{
    struct ferry_app_record rec = {0};

    rec.commit = fuzz_byte(in) % 8U - 4U;
    rec.confirm = fuzz_byte(in) % 8U;
    rec.bank = fuzz_byte(in);
    rec.begins = fuzz_byte(in);
    rec.lease = fuzz_number(in, 2);
    rec.bad_signatures = (uint16_t)fuzz_number(in, 2);
    fuzz_fill(in, rec.refusals, sizeof rec.refusals);
    memcpy(payload, &rec, sizeof rec);
}

/* The same envelope at every start; the digest is of what is signed. */
static void put_envelope(struct fuzz_input *in)
{
    static uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX + 256];
    static size_t len;
    uint8_t *env = room + FERRY_TBS_SPARE;

    if (len == 0) {
        uint8_t image[64] = {1, 2, 3};
        struct release r;
        release_default(&r);
        r.toy = true;
        (void)release_make(&r, image, sizeof image, env);
        len = ferry_envelope_len(env);
    }
    ferry_verify_digest(&b.crypto, env, b.digest);
    chip_load(&b.flash, BANK_AT(0), env, (uint32_t)len);
    chip_patch(&b.flash, in, BANK_AT(0), FERRY_ENVELOPE_MAX);
}

/* A ticket that holds: the only maker of one is asked, about bytes that are right. */
static void earn_ticket(uint8_t digest)
{
    uint8_t hash[FERRY_HASH_LEN], digests[FERRY_HASH_LEN];
    struct ferry_verify v;

    crypto_hash_sha256(hash, b.flash.bytes, 16);
    ferry_verify_init(&v, &b.hal, &b.crypto);
    ferry_verify_run(&v, 0, 16);
    expect(ferry_verify_step(&v, 16) == 0 && ferry_verify_hash_gate(&v, hash) == 0 &&
               ferry_verify_sig_gate(&v, 0) == 0,
           "gates open for what is right");
    memset(digests, digest, sizeof digests);
    ferry_verify_ticket(&v, 1, 7, digests, &b.ticket);
}

static void set_up(struct fuzz_input *in)
{
    uint8_t how = fuzz_byte(in);

    chip_new(&b.flash, APP_AT(2U), PAGE, (how & 1U) != 0 ? 8 : 4, 0xFF);
    sim_flash_seed(&b.flash, how);
    sim_flash_grant(&b.flash, 0, APP_AT(0U), 2 * PAGE);
    b.hal = sim_flash_hal(&b.flash, &b.now);
    b.crypto = ferry_sodium_crypto(&b.sodium);
    b.map = (struct ferry_map){
        .bank = {{BANK_AT(0), BANK_LEN}, {BANK_AT(1), BANK_LEN}},
        .boot_journal = {BOOT_AT(0U), BOOT_AT(1U)},
        .app_journal = {APP_AT(0U), APP_AT(1U)},
    };
    b.handoff =
        (struct ferry_handoff){.magic = FERRY_HANDOFF_MAGIC, .bank = how >> 1 & 1U};
    b.cfg = (struct ferry_app_journal_config){
        .map = &b.map,
        .flash = &b.hal,
        .crypto = &b.crypto,
        .handoff = &b.handoff,
        .confirm = (enum ferry_confirm)((how >> 2) % 3U),
        .recovery = (how & 0xE0U) == 0xE0U,
    };
    b.now = fuzz_number(in, 4);
    b.counter = 0;
    put_envelope(in);
    struct journal_kind boot = journals_boot_kind(&b.map),
                        app = journals_app_kind(&b.map);
    journals_forge(&b.flash, in, &boot, make_boot);
    journals_forge(&b.flash, in, &app, make_app);
    earn_ticket(how);
}

/* ---- a start --------------------------------------------------------------------- */

static bool as_asked(const struct ferry_app_record *rec)
{
    return rec->bank == b.ticket.bank &&
           memcmp(rec->digest, b.ticket.digest, FERRY_DIGEST_KEPT) == 0;
}

static void start(void)
{
    uint32_t ops = b.flash.ops;
    int err = ferry_app_journal_open(&b.app, &b.cfg, (uint8_t *)b.room, b.now);
    const struct ferry_app_record *rec = &b.app.record;

    b.seam = ferry_app_journal_commit(&b.app);
    b.selftest = b.met = b.told = false;
    expect(b.flash.ops == ops, "opening writes nothing");
    expect((err == 0) == (b.seam.state(b.seam.ctx) != NULL),
           "the state is known if opening says so");
    expect(err <= 0, "an error is an error");
    /* A bootloader has judged by now what was whole before the doubt, and has a record
     * where a recovery found none; here is none. */
    b.asked = b.asked && !b.app.journal.doubt && !b.cfg.recovery;
    expect(!b.asked || (ferry_trial_asked(&b.app.boot, rec->commit) && as_asked(rec)),
           "a commit that was answered is asked for at the next start");
}

/* ---- the session's part ---------------------------------------------------------- */

static void shown(void)
{
    bool enough = b.cfg.confirm == FERRY_CONFIRM_SELFTEST ||
                  (b.cfg.confirm == FERRY_CONFIRM_LINK && b.met) ||
                  (b.cfg.confirm == FERRY_CONFIRM_DELIVERED && b.told);

    expect(b.selftest && enough, "no confirm before all is shown that must be");
}

/* Flash work, to its end or until it fails. */
static void work(void)
{
    struct ferry_flash_op op;
    unsigned n = 0;

    while (b.seam.next(b.seam.ctx, &op)) {
        expect(++n < WORK_MAX, "work comes to an end");
        int status = op.erase ? b.hal.erase(b.hal.ctx, op.addr)
                              : b.hal.write(b.hal.ctx, op.addr, op.buf, op.len);
        b.seam.did(b.seam.ctx, status);
    }
}

static void commit(void)
{
    struct ferry_ticket forged = b.ticket;
    int status;

    forged.sig_gate ^= 1;
    expect(b.seam.request(b.seam.ctx, &forged) == FERRY_E_STATE,
           "a ticket that no gate gave is refused");
    while ((status = b.seam.request(b.seam.ctx, &b.ticket)) == FERRY_MORE) {
        work();
    }
    expect(status == 0 || status == FERRY_E_COMMIT, "a commit stands, or says why not");
    if (status == 0 && as_asked(&b.app.record)) { /* another may have been before it */
        b.asked = true;
        expect(b.app.state.committed, "a commit that stands is known to");
    }
}

static void report(void)
{
    struct ferry_statement s;
    int status;

    while ((status = b.seam.report(b.seam.ctx, &s)) == FERRY_MORE) {
        work();
    }
    expect(status == 0 || status == FERRY_E_COMMIT, "a statement, or why not");
    if (status == 0) {
        expect(s.counter > b.counter,
               "no counter comes twice, nor after a greater one");
        expect(s.counter <= b.app.record.lease, "nor one that was not reserved");
        b.counter = s.counter;
    }
}

/* Whatever the session may say, in its words. */
static void tell(struct fuzz_input *in)
{
    enum ferry_event event = (enum ferry_event)(1 + fuzz_below(in, 10));
    int err = -(int)fuzz_byte(in);
    uint32_t trial = b.app.boot.trial;
    bool was = ferry_trial_shown(&b.app.boot, b.app.record.confirm);

    if (event == FERRY_EVENT_HELLO) {
        b.met = true;
    } else if (event == FERRY_EVENT_REPORTED) {
        b.told = true;
    }
    b.seam.event(b.seam.ctx, event, err,
                 event == FERRY_EVENT_SECURITY ? b.digest : NULL);
    if (!was && ferry_trial_shown(&b.app.boot, b.app.record.confirm)) {
        shown();
    }
    expect(b.app.boot.trial == trial,
           "the bootloader's record is not the application's");
}

static void selftest(void)
{
    bool was = ferry_trial_shown(&b.app.boot, b.app.record.confirm);

    b.selftest = true;
    ferry_app_journal_selftest_passed(&b.app);
    if (!was && ferry_trial_shown(&b.app.boot, b.app.record.confirm)) {
        shown();
    }
}

static void act(void *ctx)
{
    struct fuzz_input *in = ctx;
    uint8_t what = fuzz_byte(in);

    b.now += (what & 0x80U) != 0 ? DAY_MS : 0;
    switch (what % 6U) {
    case 0:
        commit();
        break;
    case 1:
        report();
        break;
    case 2:
        selftest();
        break;
    case 3:
        ferry_app_journal_healthy(&b.app, b.now);
        break;
    case 4:
        tell(in);
        (void)!ferry_app_journal_expired(&b.app, b.now);
        break;
    default:
        work();
        break;
    }
}

/* Perhaps the supply goes in the middle, or flash fails. */
static void step(struct fuzz_input *in)
{
    uint8_t how = fuzz_byte(in);

    how = b.dark < b.most ? how : 0;
    if ((how & 1U) != 0) {
        sim_flash_cut(&b.flash, how >> 1 & 7U, (enum sim_cut)((how >> 4) % SIM_CUTS));
    } else if ((how & 2U) != 0) {
        b.flash.write_fault = (enum sim_fault)(how >> 2 & 3U);
        b.flash.faults = how >> 4;
    }
    bool whole = sim_flash_hold(&b.flash, act, in);
    b.flash.faults = 0;
    b.dark = !whole || b.app.journal.doubt ? b.dark + 1 : 0;
    b.most = b.dark == 0 && b.app.journal.found ? DARK_MAX : b.most;
    if (!whole || how % 8U == 4U) {
        sim_flash_reset(&b.flash);
        start();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};

    b.asked = false;
    b.dark = 0;
    b.most = DARK_FIRST;
    set_up(&in);
    start();
    for (unsigned n = 0; n < STEPS && in.left > 0; n++) {
        step(&in);
    }
    work();
    sim_flash_reset(&b.flash);
    start();
    return 0;
}
