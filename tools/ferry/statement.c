/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to read, check and show what a device says about itself. What the fields
 * are is the engine's to know; whether they are true is the reader's to judge. */
#include "statement.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "ferry/hal.h"
#include "say.h"
#include "text.h"

bool statement_is(const struct artifact *a)
{
    return a->e.kid == FERRY_KID_STATEMENT;
}

/* ---- reading --------------------------------------------------------------------- */

/* The envelope says statement. Does what is in it say manifest? */
static bool is_manifest(const struct artifact *a)
{
    struct ferry_manifest m;

    return ferry_manifest_parse(&m, a->e.payload, a->e.payload_len,
                                FERRY_READER_BOOT) == 0;
}

static int check_form(const struct artifact *a)
{
    if (is_manifest(a)) {
        return refuse_at(
            a->path, ENV_KID, FERRY_E_KID,
            "key id %02X is a device's statement's, but this is a manifest",
            FERRY_KID_STATEMENT);
    }
    if (a->len > a->env_len) {
        return refuse_at(a->path, a->env_len, FERRY_E_LEN,
                         "the statement ends here, but %zu more bytes follow",
                         a->len - a->env_len);
    }
    if (a->e.alg != FERRY_ALG_ED25519) {
        return refuse_at(a->path, ENV_ALG, FERRY_E_FRAME,
                         "algorithm %02X is not Ed25519 (%02X)", a->e.alg,
                         FERRY_ALG_ED25519);
    }
    return DONE;
}

int statement_parse(const struct artifact *a, struct ferry_statement *s)
{
    int code = check_form(a);

    if (code != DONE) {
        return code;
    }
    int err = ferry_statement_parse(s, a->e.payload, a->e.payload_len);
    if (err != 0) {
        return refuse_at(a->path, FERRY_ENVELOPE_HEAD, err, "not a statement: %s",
                         ferry_strerror(err));
    }
    return DONE;
}

int statement_check(struct artifact *a, const uint8_t public[32])
{
    int code = check_form(a);

    if (code != DONE) {
        return code;
    }
    size_t len = ferry_tbs_make(a->env);
    int bad =
        crypto_sign_verify_detached(a->e.sig, a->env - FERRY_TBS_SPARE, len, public);
    ferry_tbs_undo(a->env);
    if (bad != 0) {
        return refuse_at(a->path, a->env_len - FERRY_SIG_LEN, FERRY_E_SIG,
                         "the statement's signature does not hold under this key");
    }
    return DONE;
}

/* ---- showing --------------------------------------------------------------------- */

static const char *outcome_text(uint32_t outcome)
{
    switch ((enum ferry_outcome)outcome) {
    case FERRY_OUTCOME_NONE:
        return "none";
    case FERRY_OUTCOME_TRIAL:
        return "on trial";
    case FERRY_OUTCOME_CONFIRMED:
        return "confirmed";
    case FERRY_OUTCOME_FAULTS:
        return "rolled back: faults";
    case FERRY_OUTCOME_POWER:
        return "rolled back: power failures";
    case FERRY_OUTCOME_EXPIRED:
        return "rolled back: not confirmed in time";
    case FERRY_OUTCOME_CRASH_LOOP:
        return "rolled back: crash loop";
    case FERRY_OUTCOME_DAMAGED:
        return "rolled back: damaged";
    case FERRY_OUTCOME_REFUSED:
        return "refused by the bootloader";
    }
    return NULL;
}

static void show_outcome(struct view *v, const struct ferry_statement *s)
{
    char number[32];
    const char *text = outcome_text(s->outcome);

    if (text == NULL) {
        snprintf(number, sizeof number, "unknown (%u)", (unsigned)s->outcome);
        text = number;
    }
    view_text(v, "outcome", text);
    view_version(v, "outcome_version", s->outcome_version);
    view_hex(v, "outcome_digest", s->outcome_digest, 8);
}

/* Counts by the name of the rule; people see those that are not 0. */
static void show_refusals(struct view *v, const struct ferry_statement *s)
{
    char text[16 * FERRY_REFUSALS_LEN + 1] = "none";
    size_t at = 0;

    if (v->as_json) {
        json_open(&v->json, "refusals", '{');
    }
    for (unsigned i = 0; i < FERRY_REFUSALS_LEN; i++) {
        const char *name = ferry_errname(FERRY_E_CLASS - (int)i);
        if (v->as_json) {
            json_number(&v->json, name, s->refusals[i]);
        } else if (s->refusals[i] != 0) {
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %u",
                                   at > 0 ? ", " : "", name, s->refusals[i]);
        }
    }
    if (v->as_json) {
        json_close(&v->json, '}');
    } else {
        view_text(v, "refusals", text);
    }
}

static void show_totals(struct view *v, const struct ferry_statement *s)
{
    view_number(v, "updates", s->updates);
    view_number(v, "rollbacks", s->rollbacks);
    view_number(v, "hash_errors", s->hash_errors);
    view_number(v, "block_errors", s->block_errors);
    view_number(v, "bad_signatures", s->bad_signatures);
    if (s->bad_signatures > 0) {
        view_number(v, "offender_slot", s->offender[0]);
        view_hex(v, "offender_digest", s->offender + 1, FERRY_OFFENDER_LEN - 1);
    } else {
        view_absent(v, "offender_slot");
        view_absent(v, "offender_digest");
    }
    show_refusals(v, s);
}

void statement_show(struct view *v, const struct ferry_statement *s)
{
    view_text(v, "type", "statement");
    view_id(v, "class", s->class_id);
    view_id(v, "device", s->device_id);
    view_number(v, "hw_rev", s->hw_rev);
    view_number(v, "counter", s->counter);
    if (s->nonce != NULL) {
        view_hex(v, "nonce", s->nonce, FERRY_NONCE_LEN);
    } else {
        view_absent(v, "nonce");
    }
    view_version(v, "version", s->version);
    view_hex(v, "running_digest", s->digest, 16);
    view_address(v, "link", s->link);
    view_bool(v, "confirmed", s->attempts == 0);
    view_number(v, "attempts", s->attempts);
    view_number(v, "starts", s->starts);
    view_number(v, "resets", s->resets);
    show_outcome(v, s);
    show_totals(v, s);
    view_address(v, "floor", s->floor);
}

void statement_show_signature(struct view *v, struct artifact *a, bool checked)
{
    uint8_t digest[FERRY_HASH_LEN];

    check_digest(a, digest);
    view_text(v, "alg", "Ed25519");
    view_hex(v, "digest", digest, sizeof digest);
    view_hex(v, "signature", a->e.sig, FERRY_SIG_LEN);
    if (v->as_json) {
        json_bool(&v->json, "signature_checked", checked);
    }
    view_note(v, checked ? "(the signature holds)"
                         : "(the signature was not checked: ferry verify does)");
}
