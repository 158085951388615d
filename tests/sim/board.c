/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of a start: flash, bootloader, application; and which parts of flash
 * each of them may write. Does not know what a test wants. */
#include "board.h"

#include <string.h>

#include "journal.h"
#include "records.h"
#include "verify.h"
#include "world.h"

static void alive(void *ctx)
{
    struct world *w = ctx;
    w->board.alives++;
}

static int arm_watchdog(void *ctx)
{
    struct world *w = ctx;

    w->board.watchdog = !w->board.watchdog_fails;
    return w->board.watchdog ? 0 : FERRY_E_STATE;
}

static void grant_page(struct world *w, unsigned i, uint32_t addr)
{
    sim_flash_grant(&w->flash, i, addr, w->opt.erase_unit);
}

/* The bootloader writes its journal and nothing else. */
static void grant_boot(struct world *w)
{
    for (unsigned i = 0; i < SIM_FLASH_GRANTS; i++) {
        sim_flash_grant(&w->flash, i, 0, 0);
    }
    grant_page(w, 0, w->map.boot_journal[0]);
    grant_page(w, 1, w->map.boot_journal[1]);
}

/* The application its own, and the staging bank. */
static void grant_app(struct world *w)
{
    grant_page(w, 0, w->map.app_journal[0]);
    grant_page(w, 1, w->map.app_journal[1]);
    sim_flash_grant_area(&w->flash, 2, w->map.bank[world_staging(w)]);
}

/* ---- artifacts and banks --------------------------------------------------------- */

/* Where an artifact's parts lie; false: it is none. */
struct parts {
    size_t env_len, table_len;
    uint32_t len;
};

static bool take_apart(const struct artifact_bytes *a, struct parts *p)
{
    struct ferry_envelope e;
    struct ferry_manifest m;

    p->env_len = ferry_envelope_len(a->bytes);
    if (ferry_envelope_open(&e, a->bytes, p->env_len) != 0 ||
        ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_BOOT) != 0) {
        return false;
    }
    p->table_len = ferry_table_len(m.length);
    p->len = m.length;
    return true;
}

static void put(struct world *w, uint32_t addr, const uint8_t *bytes, size_t len)
{
    memcpy(w->flash.bytes + addr, bytes, len);
    memset(w->flash.programmed + addr, 1, len);
}

void board_place(struct world *w, unsigned bank, const struct artifact_bytes *a)
{
    const struct ferry_area *to = &w->map.bank[bank];
    struct parts p;

    memset(w->flash.bytes + to->addr, w->opt.erased, to->len);
    memset(w->flash.programmed + to->addr, 0, to->len);
    if (take_apart(a, &p)) { /* else a test of what boots nothing */
        put(w, to->addr, a->bytes, p.env_len);
        put(w, to->addr + FERRY_TABLE_OFF, a->bytes + p.env_len, p.table_len);
        put(w, to->addr + w->map.header_len, a->bytes + a->len - p.len, p.len);
    }
}

bool board_holds(const struct world *w, unsigned bank, const struct artifact_bytes *a)
{
    const uint8_t *at = w->flash.bytes + w->map.bank[bank].addr;
    struct parts p;

    return take_apart(a, &p) && memcmp(at, a->bytes, p.env_len) == 0 &&
           memcmp(at + w->map.header_len, a->bytes + a->len - p.len, p.len) == 0;
}

/* ---- from the factory ------------------------------------------------------------ */

void board_install(struct world *w)
{
    struct sim_board *b = &w->board;
    uint32_t unit = w->opt.erase_unit;
    uint8_t seed[32];

    for (unsigned i = 0; i < 2; i++) {
        w->map.boot_journal[i] = 2 * w->opt.bank_len + i * unit;
        w->map.app_journal[i] = 2 * w->opt.bank_len + (2 + i) * unit;
    }
    memset(w->flash.bytes, w->opt.erased, w->flash.size);
    memset(w->flash.programmed, 0, w->flash.size);
    board_place(w, 0, &w->opt.factory);
    memset(seed, 0x5D, sizeof seed);
    crypto_sign_seed_keypair(b->public_key, b->secret_key, seed);
    w->sodium.secret = b->secret_key;
    world_crypto(w);
    b->cfg = (struct ferry_boot_config){
        .identity = &w->identity,
        .map = &w->map,
        .flash = &w->boot_hal,
        .crypto = &w->crypto,
        .handoff = &b->handoff,
        .room = (uint8_t *)b->room,
        .alive = alive,
        .arm_watchdog = arm_watchdog,
        .ctx = w,
    };
    b->app_cfg = (struct ferry_app_journal_config){
        .identity = &w->identity,
        .map = &w->map,
        .flash = &w->flash_hal,
        .crypto = &w->crypto,
        .handoff = &b->handoff,
    };
}

static void run_bootloader(struct world *w, enum ferry_reset reset)
{
    struct sim_board *b = &w->board;
    enum sim_flash_mode mode = w->flash.mode;
    uint32_t writes = w->flash.writes, erases = w->flash.erases;

    b->watchdog = false;
    b->boots++;
    w->flash.mode = SIM_FLASH_SYNC;
    grant_boot(w);
    b->booted = ferry_boot(&b->cfg, reset, b->raw_cause);
    w->flash.mode = mode;
    b->boot_writes = w->flash.writes - writes;
    b->boot_erases = w->flash.erases - erases;
}

void board_boot(struct world *w, enum ferry_reset reset)
{
    sim_flash_reset(&w->flash);
    if (reset == FERRY_RESET_POWER) {
        memset(&w->board.handoff, 0xA7, sizeof w->board.handoff);
    }
    run_bootloader(w, reset);
}

void board_start_app(struct world *w)
{
    struct sim_board *b = &w->board;

    grant_app(w);
    b->opened =
        ferry_app_journal_open(&b->app, &b->app_cfg, (uint8_t *)b->room, w->now);
    w->commit = ferry_app_journal_commit(&b->app);
    world_start_device(w);
    if (!b->selftest_fails) {
        ferry_app_journal_selftest_passed(&b->app);
    }
}

unsigned board_staging(const struct world *w)
{
    const struct sim_board *b = &w->board;

    return (b->booted < 0 ? b->app.state.active_bank : (unsigned)b->booted) ^ 1U;
}

void board_recover(struct world *w)
{
    struct sim_board *b = &w->board;

    b->app_cfg.recovery = true;
    b->opened =
        ferry_app_journal_open(&b->app, &b->app_cfg, (uint8_t *)b->room, w->now);
    b->app_cfg.recovery = false;
    grant_app(w);
    w->commit = ferry_app_journal_recovery(&b->app);
    w->crypto.sign = NULL; /* a bootloader has no key */
    world_start_device(w);
}

void board_start(struct world *w, enum ferry_reset reset)
{
    board_boot(w, reset);
    if (w->board.booted >= 0) {
        board_start_app(w);
    }
}

void board_planned_reset(struct world *w)
{
    world_disconnect(w);
    ferry_handoff_planned(&w->board.handoff);
    board_start(w, FERRY_RESET_SOFT);
}

/* ---- what the application does --------------------------------------------------- */

static bool earn_ticket(struct world *w, unsigned bank, struct ferry_ticket *t)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t digest[FERRY_HASH_LEN];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;
    struct ferry_manifest m;
    struct ferry_verify v;
    uint32_t at = w->map.bank[bank].addr;

    memcpy(env, w->flash.bytes + at, FERRY_ENVELOPE_MAX);
    if (ferry_verify_form(w->keys, env, ferry_envelope_len(env), &e) != 0 ||
        ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_DEVICE) != 0) {
        return false;
    }
    ferry_verify_init(&v, &w->boot_hal, &w->crypto);
    ferry_verify_run(&v, at + w->map.header_len, m.length);
    while (ferry_verify_step(&v, FERRY_BLOCK_LEN) == FERRY_MORE) {
    }
    int hash = ferry_verify_hash_gate(&v, m.sha256);
    ferry_verify_digest(&w->crypto, env, digest);
    int sig = ferry_verify_sig_gate(&v, ferry_verify_ask(&w->crypto, w->keys, env, &e));
    ferry_verify_ticket(&v, (uint8_t)bank, m.version, digest, t);
    return hash == 0 && sig == 0;
}

int board_commit(struct world *w)
{
    struct ferry_ticket t;
    int status = FERRY_E_SIG_FINAL;

    if (earn_ticket(w, world_staging(w), &t)) {
        while ((status = w->commit.request(w->commit.ctx, &t)) == FERRY_MORE) {
            world_run(w, 100);
        }
    }
    return status;
}

/* Append to either journal, as an honest writer would, but for the number. */
static bool append(struct world *w, const uint32_t *page, uint8_t kind, const void *rec,
                   uint8_t len, const uint32_t *number)
{
    uint32_t room[FERRY_JOURNAL_ROOM / 4], old[FERRY_JOURNAL_PAYLOAD_MAX / 4];
    const struct ferry_flash *hal = &w->boot_hal;
    enum sim_flash_mode mode = w->flash.mode;
    struct ferry_journal j;
    struct ferry_flash_op op;
    bool taken = true;

    w->flash.mode = SIM_FLASH_SYNC;
    for (unsigned i = 0; i < 2; i++) {
        grant_page(w, 6 + i, page[i]);
    }
    ferry_journal_init(&j, hal, page, kind, len);
    (void)!ferry_journal_scan(&j, old);
    j.sequence = number != NULL ? *number - 1 : j.sequence;
    ferry_journal_append(&j, rec, (uint8_t *)room);
    while (taken && ferry_journal_next(&j, &op)) {
        int status = op.erase ? hal->erase(hal->ctx, op.addr)
                              : hal->write(hal->ctx, op.addr, op.buf, op.len);
        taken = ferry_journal_did(&j, status) == 0;
    }
    w->flash.mode = mode;
    return taken;
}

bool board_forge(struct world *w, const struct ferry_app_record *rec)
{
    return append(w, w->map.app_journal, FERRY_JOURNAL_APP, rec, sizeof *rec, NULL);
}

bool board_forge_number(struct world *w, const struct ferry_app_record *rec,
                        uint32_t number)
{
    return append(w, w->map.app_journal, FERRY_JOURNAL_APP, rec, sizeof *rec, &number);
}

bool board_forge_boot(struct world *w, const struct ferry_boot_record *rec)
{
    w->flash.locked_n = 0;
    return append(w, w->map.boot_journal, FERRY_JOURNAL_BOOT, rec, sizeof *rec, NULL);
}

/* ---- looking at it --------------------------------------------------------------- */

struct ferry_boot_record board_record(struct world *w)
{
    struct ferry_boot_record rec;
    struct ferry_journal j;

    memset(&rec, 0, sizeof rec);
    ferry_journal_init(&j, &w->boot_hal, w->map.boot_journal, FERRY_JOURNAL_BOOT,
                       sizeof rec);
    (void)!ferry_journal_scan(&j, &rec);
    return rec;
}

struct ferry_app_record board_app_record(struct world *w)
{
    struct ferry_app_record rec;
    struct ferry_journal j;

    memset(&rec, 0, sizeof rec);
    ferry_journal_init(&j, &w->boot_hal, w->map.app_journal, FERRY_JOURNAL_APP,
                       sizeof rec);
    (void)!ferry_journal_scan(&j, &rec);
    return rec;
}

bool board_statement(struct world *w, const uint8_t nonce[FERRY_NONCE_LEN],
                     struct ferry_statement *s)
{
    static uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;

    w->statement_len = 0;
    world_disconnect(w);
    world_courier(w, NULL, 0);
    w->courier_cfg.report_nonce = nonce;
    if (ferry_courier_init(&w->courier, &w->courier_cfg, w->now) != 0) {
        return false;
    }
    world_connect(w);
    (void)world_finish(w, 120000);
    world_disconnect(w);
    world_run(w, 100);
    if (w->statement_len == 0) {
        return false;
    }
    memcpy(env, w->statement, w->statement_len);
    if (ferry_envelope_open(&e, env, w->statement_len) != 0 ||
        e.kid != FERRY_KID_STATEMENT) {
        return false;
    }
    size_t len = ferry_tbs_make(env);
    bool holds =
        crypto_sign_verify_detached(e.sig, room, len, w->board.public_key) == 0;
    ferry_tbs_undo(env);
    return holds && ferry_statement_parse(s, e.payload, e.payload_len) == 0;
}
