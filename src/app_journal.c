/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what the application asks of the bootloader, when a trial has shown enough, and
 * what is counted for statements. Every change is one new record of the application's
 * journal, carried out by the session. Does not know what the bootloader will decide. */
#include "ferry/app_journal.h"

#include <string.h>

#include "journal.h"
#include "records.h"
#include "trial.h"
#include "verify.h"

#define ENVELOPE 12U /* in the room; FERRY_TBS_SPARE bytes stand before it */
#define LEASE 1024U  /* statement counters reserved by one record */
#define HOUR_MS 3600000U
#define TRIAL_MAX_MS (72U * HOUR_MS)
#define FORGIVE_MS (7U * 24U * HOUR_MS)
#define NO_SLOT 0xFFU

_Static_assert(sizeof(((struct ferry_app_journal *)0)->room) == FERRY_JOURNAL_ROOM,
               "the header's number is this");

/* ---- the record ------------------------------------------------------------------ */

/* Begin to append the record as it is now; what changes meanwhile goes into another. */
static void write(struct ferry_app_journal *j)
{
    j->again = j->writing;
    if (!j->writing && !j->broken) {
        j->writing = true;
        ferry_journal_append(&j->journal, &j->record, (uint8_t *)j->room);
    }
}

/* What the record asks for holds once it stands. */
static void stands(struct ferry_app_journal *j)
{
    j->state.committed = ferry_trial_asked(&j->boot, j->record.commit);
    j->state.settled = ferry_trial_shown(&j->boot, j->record.confirm);
    j->state.begins = j->record.begins;
}

static bool next(void *ctx, struct ferry_flash_op *op)
{
    struct ferry_app_journal *j = ctx;

    return j->writing && (op == NULL || ferry_journal_next(&j->journal, op));
}

static void did(void *ctx, int status)
{
    struct ferry_app_journal *j = ctx;
    struct ferry_flash_op op;

    if (ferry_journal_did(&j->journal, status) != 0) {
        j->writing = false;
        j->broken = true;
    } else if (!ferry_journal_next(&j->journal, &op)) {
        j->writing = false;
        if (j->again) {
            write(j);
        } else {
            stands(j);
        }
    }
}

static void count(uint16_t *n)
{
    *n = (uint16_t)(*n + (*n < UINT16_MAX));
}

static void count_small(uint8_t *n)
{
    *n = (uint8_t)(*n + (*n < UINT8_MAX));
}

/* ---- confirming ------------------------------------------------------------------ */

static void confirm_if_shown(struct ferry_app_journal *j)
{
    bool shown = j->cfg->confirm == FERRY_CONFIRM_SELFTEST ||
                 (j->cfg->confirm == FERRY_CONFIRM_LINK && j->met) ||
                 (j->cfg->confirm == FERRY_CONFIRM_DELIVERED && j->told);

    if (!shown || !j->selftest || !j->known || !j->state.trial ||
        ferry_trial_shown(&j->boot, j->record.confirm)) {
        return;
    }
    j->record.confirm = j->boot.trial;
    j->record.starts = 0;
    j->record.begins = 0;
    write(j);
}

void ferry_app_journal_selftest_passed(struct ferry_app_journal *j)
{
    j->selftest = true;
    confirm_if_shown(j);
}

void ferry_app_journal_healthy(struct ferry_app_journal *j, uint32_t now_ms)
{
    if (!j->known || j->state.trial || j->boot.faults == 0 ||
        now_ms - j->healthy_at < FORGIVE_MS) {
        return;
    }
    j->healthy_at = now_ms;
    j->record.healthy++;
    write(j);
}

bool ferry_app_journal_expired(const struct ferry_app_journal *j, uint32_t now_ms)
{
    uint32_t most =
        j->cfg->trial_max_s > 0 ? j->cfg->trial_max_s * 1000U : TRIAL_MAX_MS;

    return j->known && j->state.trial && !j->state.settled &&
           now_ms - j->opened_at >= most;
}

/* ---- the commit seam ------------------------------------------------------------- */

static const struct ferry_boot_state *state(void *ctx)
{
    struct ferry_app_journal *j = ctx;
    return j->known ? &j->state : NULL;
}

static int request(void *ctx, const struct ferry_ticket *t)
{
    struct ferry_app_journal *j = ctx;
    struct ferry_app_record *rec = &j->record;

    if (!ferry_ticket_holds(t)) {
        return FERRY_E_STATE;
    }
    if (j->broken) {
        return FERRY_E_COMMIT;
    }
    if (j->writing) {
        return FERRY_MORE;
    }
    if (j->state.committed) {
        return 0;
    }
    /* Above every number that either journal knows, for what was asked last is seen: one
     * of them may have been lost. */
    rec->commit = j->boot.seen + 1;
    rec->bank = t->bank;
    memcpy(rec->digest, t->digest, FERRY_DIGEST_KEPT);
    write(j);
    return FERRY_MORE;
}

/* All that a recovery counts: what a courier can wear out flash with. */
static void begun(void *ctx, enum ferry_event ev, int err, const uint8_t *offender)
{
    struct ferry_app_journal *j = ctx;

    (void)err;
    (void)offender;
    if (ev == FERRY_EVENT_BEGIN) {
        count_small(&j->record.begins);
        write(j);
    }
}

static void event(void *ctx, enum ferry_event ev, int err, const uint8_t *offender)
{
    struct ferry_app_journal *j = ctx;
    struct ferry_app_record *rec = &j->record;

    begun(j, ev, err, offender);
    if (ev == FERRY_EVENT_TRANSFER) {
        count(err == FERRY_E_HASH ? &rec->hash_errors : &rec->block_errors);
    } else if (ev == FERRY_EVENT_SECURITY) {
        count(&rec->bad_signatures);
        memcpy(rec->offender, offender, FERRY_OFFENDER_LEN);
    } else if (ev == FERRY_EVENT_REFUSED && err <= FERRY_E_CLASS &&
               err >= FERRY_E_TOMBSTONE) {
        count_small(&rec->refusals[FERRY_E_CLASS - err]);
    } else if (ev == FERRY_EVENT_HELLO || ev == FERRY_EVENT_REPORTED) {
        j->met = j->met || ev == FERRY_EVENT_HELLO;
        j->told = j->told || ev == FERRY_EVENT_REPORTED;
        confirm_if_shown(j);
    }
}

/* What the records say; the session adds who it is. */
static void fill(const struct ferry_app_journal *j, struct ferry_statement *s)
{
    const struct ferry_app_record *rec = &j->record;
    const struct ferry_boot_record *boot = &j->boot;

    s->version = j->state.version;
    s->digest = j->state.digest;
    s->floor = j->state.floor;
    s->attempts = j->state.settled ? 0 : ferry_trial_attempts(boot);
    s->starts = rec->starts;
    s->resets = boot->resets;
    s->outcome = boot->outcome;
    s->outcome_version = boot->outcome_version;
    s->outcome_digest = boot->outcome_digest;
    s->updates = boot->updates;
    s->rollbacks = boot->rollbacks;
    if (j->state.settled) { /* the bootloader will say so after the next reset */
        s->outcome = FERRY_OUTCOME_CONFIRMED;
        s->updates += s->updates < UINT16_MAX;
    }
    s->hash_errors = rec->hash_errors;
    s->block_errors = rec->block_errors;
    s->bad_signatures = rec->bad_signatures;
    s->offender = rec->offender;
    s->refusals = rec->refusals;
}

static int report(void *ctx, struct ferry_statement *s)
{
    struct ferry_app_journal *j = ctx;
    struct ferry_app_record *rec = &j->record;

    if (!j->known || j->broken) {
        return FERRY_E_COMMIT;
    }
    if (j->writing) {
        return FERRY_MORE;
    }
    if (j->counter == rec->lease) {
        rec->lease += LEASE;
        if (!j->leased) {
            count(&rec->starts);
        }
        j->leased = true;
        write(j);
        return FERRY_MORE;
    }
    s->counter = ++j->counter;
    fill(j, s);
    return 0;
}

struct ferry_commit ferry_app_journal_commit(struct ferry_app_journal *j)
{
    struct ferry_commit c = {j, state, request, next, did, event, report};
    return c;
}

struct ferry_commit ferry_app_journal_recovery(struct ferry_app_journal *j)
{
    struct ferry_commit c = {j, state, request, next, did, begun, NULL};
    return c;
}

/* ---- opening --------------------------------------------------------------------- */

/* The running image, from its own envelope. */
static int read_running(struct ferry_app_journal *j, uint8_t *room)
{
    const struct ferry_app_journal_config *cfg = j->cfg;
    struct ferry_boot_state *s = &j->state;
    uint8_t *env = room + ENVELOPE;
    struct ferry_envelope e;
    struct ferry_manifest m;

    /* A trial that could not be counted did not begin, whatever the record says. */
    if (cfg->handoff->magic != FERRY_HANDOFF_MAGIC ||
        cfg->handoff->bank != s->active_bank) {
        return FERRY_E_COMMIT;
    }
    if (cfg->flash->read(cfg->flash->ctx, cfg->map->bank[s->active_bank].addr, env,
                         FERRY_ENVELOPE_MAX) != 0) {
        return FERRY_E_FLASH;
    }
    int err = ferry_envelope_open(&e, env, ferry_envelope_len(env));
    if (err == 0) {
        err = ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_BOOT);
    }
    if (err != 0) {
        return err;
    }
    s->slot = e.kid;
    s->version = m.version;
    memcpy(s->image_hash, m.sha256, sizeof s->image_hash);
    ferry_verify_digest(cfg->crypto, env, s->digest);
    return memcmp(s->digest, j->boot.active, FERRY_DIGEST_KEPT) == 0 ? 0
                                                                     : FERRY_E_COMMIT;
}

/* The bootloader has just run, and judged every request that was whole. */
static void drop_torn_requests(struct ferry_app_journal *j)
{
    if (ferry_trial_asked(&j->boot, j->record.commit)) {
        j->record.commit = j->boot.seen;
    }
    if (ferry_trial_shown(&j->boot, j->record.confirm)) {
        j->record.confirm = 0;
    }
}

static void read_boot_record(struct ferry_app_journal *j)
{
    struct ferry_boot_state *s = &j->state;
    const struct ferry_boot_record *boot = &j->boot;

    s->active_bank = (uint8_t)ferry_trial_bank(boot);
    s->floor = boot->floor;
    s->trial = ferry_trial_runs(boot);
    s->tombstone = (boot->flags & FERRY_BOOT_TOMBSTONE) != 0;
    s->tombstone_slot = boot->tomb_slot;
    s->tombstone_version = boot->tomb_version;
}

int ferry_app_journal_open(struct ferry_app_journal *j,
                           const struct ferry_app_journal_config *cfg, uint8_t *room,
                           uint32_t now_ms)
{
    struct ferry_journal boot;

    memset(j, 0, sizeof *j);
    j->cfg = cfg;
    j->opened_at = now_ms;
    j->healthy_at = now_ms;
    ferry_journal_init(&boot, cfg->flash, cfg->map->boot_journal, FERRY_JOURNAL_BOOT,
                       sizeof j->boot);
    ferry_journal_init(&j->journal, cfg->flash, cfg->map->app_journal,
                       FERRY_JOURNAL_APP, sizeof j->record);
    int err = ferry_journal_scan(&boot, &j->boot);
    if (ferry_journal_scan(&j->journal, &j->record) == FERRY_E_FLASH) {
        j->broken = true;
    }
    j->counter = j->record.lease;
    read_boot_record(j);
    if (cfg->recovery) { /* any genuine image is better than what is here */
        j->state.trial = false;
        j->state.slot = NO_SLOT;
        j->state.version = UINT32_MAX;
        if (err != 0) { /* without a record nothing was ever judged */
            j->state.active_bank = 1;
            j->boot.seen = j->record.commit;
        }
        err = 0;
    } else if (err == 0) {
        err = read_running(j, room);
    } else if (err != FERRY_E_FLASH) {
        err = FERRY_E_COMMIT;
    }
    j->known = err == 0;
    if (j->journal.doubt) { /* said again, before anybody relies on it */
        drop_torn_requests(j);
        write(j);
    } else {
        stands(j);
    }
    return err;
}
