/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a start and a step of a session go on the golden device. Does not know
 * files. */
#include "rig.h"

#include <string.h>

#include "journal.h"
#include "records.h"

const uint8_t rig_nonce[FERRY_NONCE_LEN] = {0x6E, 0x03, 0xA1, 0x77, 0x20, 0xC4,
                                            0x59, 0x8D, 0xE2, 0x1F, 0x90, 0x3B,
                                            0x55, 0xD8, 0x0A, 0x4C};

/* ---- flash ----------------------------------------------------------------------- */

static void breaks(struct rig *r, bool rule, const char *words)
{
    if (!rule && r->broken == NULL) {
        r->broken = words;
    }
}

static int erase(void *ctx, uint32_t addr)
{
    struct rig *r = ctx;

    breaks(r, addr % r->hal.erase_unit == 0 && addr < RIG_FLASH, "erase");
    memset(r->flash + addr, r->hal.erased, r->hal.erase_unit);
    return 0;
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    struct rig *r = ctx;

    breaks(r, addr % r->hal.write_unit == 0 && len % r->hal.write_unit == 0, "unit");
    for (uint32_t i = 0; i < len; i++) {
        breaks(r, r->flash[addr + i] == r->hal.erased, "programmed what is not erased");
    }
    memcpy(r->flash + addr, buf, len);
    return 0;
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct rig *r = ctx;

    if (addr > RIG_FLASH || len > RIG_FLASH - addr) {
        return -1;
    }
    memcpy(buf, r->flash + addr, len);
    return 0;
}

static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)len;
    return 0;
}

/* ---- a device -------------------------------------------------------------------- */

static void configure(struct rig *r)
{
    r->boot_cfg = (struct ferry_boot_config){
        .identity = &r->identity,
        .map = &r->map,
        .flash = &r->hal,
        .crypto = &r->crypto,
        .handoff = &r->handoff,
        .room = (uint8_t *)r->room,
        .arm_watchdog = FERRY_TRIAL_UNGUARDED,
    };
    r->app_cfg = (struct ferry_app_journal_config){
        .identity = &r->identity,
        .map = &r->map,
        .flash = &r->hal,
        .crypto = &r->crypto,
        .handoff = &r->handoff,
    };
    r->device_cfg = (struct ferry_device_config){
        .identity = &r->identity,
        .map = &r->map,
        .flash = &r->hal,
        .crypto = &r->crypto,
        .commit = &r->commit,
        .pool = (uint8_t *)r->pool,
        .pool_len = 3 * FERRY_DEVICE_SLOT(128U),
        .chunk = 128,
        .session_seed = 0x1234,
    };
}

/* All that points into the rig itself. */
static int wire_up(struct rig *r)
{
    r->hal.ctx = r;
    r->sodium.secret = r->secret_key;
    r->crypto = ferry_sodium_crypto(&r->sodium);
    r->crypto.sign = ferry_sodium_sign;
    configure(r);
    return ferry_identity_open(&r->identity, &r->map, r->block);
}

int rig_init(struct rig *r, const uint8_t *block, uint32_t erase_unit,
             uint8_t write_unit, uint8_t erased)
{
    uint8_t seed[32];

    memset(r, 0, sizeof *r);
    memset(r->flash, erased, sizeof r->flash);
    r->hal = (struct ferry_flash){NULL,  erase_unit, write_unit, erased, erase,
                                  write, read,       lock,       NULL};
    memset(seed, 0x5D, sizeof seed);
    crypto_sign_seed_keypair(r->public_key, r->secret_key, seed);
    memcpy(r->block, block, sizeof r->block);
    return wire_up(r);
}

void rig_copy(struct rig *to, const struct rig *from)
{
    memcpy(to, from, sizeof *to);
    memset(&to->handoff, 0, sizeof to->handoff);
    (void)!wire_up(to);
}

void rig_install(struct rig *r, unsigned bank, const struct rig_file *artifact)
{
    const uint8_t *env = artifact->bytes;
    size_t env_len = ferry_envelope_len(env);
    uint8_t *at = r->flash + r->map.bank[bank].addr;
    struct ferry_manifest m;

    if (env_len == 0 ||
        ferry_manifest_parse(&m, env + FERRY_ENVELOPE_HEAD,
                             env_len - FERRY_ENVELOPE_OVER, FERRY_READER_BOOT) != 0) {
        r->broken = "no artifact";
        return;
    }
    memset(at, r->hal.erased, r->map.bank[bank].len);
    memcpy(at, env, env_len);
    memcpy(at + FERRY_TABLE_OFF, env + env_len, ferry_table_len(m.length));
    memcpy(at + r->map.header_len, env + artifact->len - m.length, m.length);
}

/* ---- the journals ---------------------------------------------------------------- */

static uint32_t page(const struct rig *r, unsigned i)
{
    return i < 2 ? r->map.boot_journal[i] : r->map.app_journal[i - 2];
}

void rig_pages(const struct rig *r, struct rig_file *pages)
{
    uint32_t unit = r->hal.erase_unit;

    pages->len = 4 * unit;
    for (unsigned i = 0; i < 4; i++) {
        memcpy(pages->bytes + i * unit, r->flash + page(r, i), unit);
    }
}

void rig_put_pages(struct rig *r, const struct rig_file *pages)
{
    uint32_t unit = r->hal.erase_unit;

    for (unsigned i = 0; i < 4; i++) {
        memcpy(r->flash + page(r, i), pages->bytes + i * unit, unit);
    }
}

int rig_read_boot(struct rig *r, struct ferry_journal *j, struct ferry_boot_record *rec)
{
    memset(rec, 0, sizeof *rec);
    ferry_journal_init(j, &r->hal, r->map.boot_journal, FERRY_JOURNAL_BOOT,
                       sizeof *rec);
    return ferry_journal_scan(j, rec);
}

int rig_read_app(struct rig *r, bool sound_only, struct ferry_journal *j,
                 struct ferry_app_record *rec)
{
    memset(rec, 0, sizeof *rec);
    ferry_journal_init(j, &r->hal, r->map.app_journal, FERRY_JOURNAL_APP, sizeof *rec);
    j->sound_only = sound_only;
    return ferry_journal_scan(j, rec);
}

/* ---- a start --------------------------------------------------------------------- */

int rig_boot(struct rig *r, enum ferry_reset reset)
{
    if (reset == FERRY_RESET_POWER) {
        memset(&r->handoff, 0, sizeof r->handoff);
    }
    r->booted = ferry_boot(&r->boot_cfg, reset, 0x10);
    if (r->booted < 0) {
        return r->booted;
    }
    r->opened =
        ferry_app_journal_open(&r->app, &r->app_cfg, (uint8_t *)r->room, r->now);
    r->commit = ferry_app_journal_commit(&r->app);
    ferry_device_init(&r->device, &r->device_cfg, r->now);
    return r->booted;
}

void rig_drain(struct rig *r)
{
    for (unsigned i = 0; i < 10000 && ferry_device_deadline(&r->device, r->now) == 0;
         i++) {
        ferry_device_tick(&r->device, r->now);
    }
}

/* ---- a session ------------------------------------------------------------------- */

void rig_device_step(struct rig *r, struct rig_step *s)
{
    s->to_courier_len =
        ferry_device_output(&r->device, s->to_courier, RIG_VALUE, r->now);
    if (s->to_device_len > 0) {
        ferry_device_input(&r->device, s->to_device, s->to_device_len, r->now);
    }
    rig_drain(r);
}

void rig_courier_says(struct ferry_courier *c, uint32_t now, struct rig_step *s)
{
    if (ferry_courier_deadline(c, now) == 0) {
        ferry_courier_tick(c, now);
    }
    s->to_device_len = ferry_courier_output(c, s->to_device, RIG_VALUE, now);
}

void rig_courier_hears(struct ferry_courier *c, uint32_t now, const struct rig_step *s)
{
    if (s->to_courier_len > 0) {
        ferry_courier_input(c, s->to_courier, s->to_courier_len, now);
    }
}

void rig_pass(struct rig *r)
{
    r->now += RIG_STEP_MS;
    r->step++;
    rig_drain(r);
}

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    const struct rig_file *a = ctx;

    (void)which;
    if (off > a->len || len > a->len - off) {
        return -1;
    }
    memcpy(buf, a->bytes + off, len);
    return 0;
}

void rig_courier(struct ferry_courier *c, const struct rig_file *artifact,
                 void (*take)(void *ctx, const uint8_t *envelope, size_t len))
{
    static struct ferry_courier_config cfg;

    cfg = (struct ferry_courier_config){
        .read = read_artifact,
        .artifacts = artifact != NULL,
        .nonce = {0x0B, 0xAD, 0xCA, 0xFE},
        .value_max = RIG_VALUE,
        .report_nonce = rig_nonce,
        .statement = take,
    };
    memcpy(&cfg.ctx, &artifact, sizeof artifact); /* it is only read */
    if (ferry_courier_init(c, &cfg, 0) != 0) {
        memset(c, 0, sizeof *c);
    }
}
