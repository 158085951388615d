/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a statement comes about and is handed over: counter, facts, signature, then
 * pieces. It is made in the pool, so only while nothing is received; the same question
 * gets the same bytes. Does not know what the facts mean. */
#include <string.h>

#include "device_in.h"
#include "ferry/statement.h"
#include "verify.h"

#define BUSY_S 30U /* ask again after this */

void ferry_device_drop_report(struct ferry_device *d)
{
    d->report_len = 0;
    d->report_at = 0;
}

ferry_state ferry_device_begin_report(struct ferry_device *d)
{
    ferry_device_drop_report(d);
    ferry_device_rouse(d);
    return FERRY_DEVICE_REPORTING;
}

ferry_state ferry_device_reported(struct ferry_device *d)
{
    if (d->result == 0) { /* whoever asked may have gone, and another one have come */
        d->report_len = d->env_total;
        d->report_at = (d->owed & FERRY_OWE_STATEMENT) != 0 ? 0 : d->report_len;
    } else if ((d->owed & FERRY_OWE_STATEMENT) != 0) {
        d->owed |= FERRY_OWE_NO_STATEMENT;
    }
    d->owed &= (uint8_t)~FERRY_OWE_STATEMENT;
    return ferry_device_resting(d);
}

ferry_state ferry_device_report(struct ferry_device *d)
{
    const struct ferry_device_config *cfg = d->cfg;
    uint8_t *env = ferry_device_envelope(d);
    struct ferry_statement s;

    memset(&s, 0, sizeof s);
    d->result = cfg->commit->report == NULL ? FERRY_E_STATE
                                            : cfg->commit->report(cfg->commit->ctx, &s);
    if (d->result != 0) { /* FERRY_MORE: its own work comes first */
        return d->state;
    }
    s.type = FERRY_TYPE_STATEMENT;
    s.class_id = cfg->identity->class_id;
    s.device_id = cfg->identity->device_id;
    s.hw_rev = cfg->identity->hw_rev;
    s.link = cfg->map->link[cfg->commit->state(cfg->commit->ctx)->active_bank ^ 1U];
    s.nonce = ferry_device_nonce(d);
    size_t len =
        ferry_statement_encode(&s, env + FERRY_ENVELOPE_HEAD, FERRY_PAYLOAD_MAX);
    d->env_total = (uint16_t)ferry_envelope_frame(env, len, FERRY_ALG_ED25519,
                                                  FERRY_KID_STATEMENT);
    d->signed_at = d->now;
    size_t tbs = ferry_tbs_make(env);
    int result = cfg->crypto->sign(cfg->crypto->ctx, env - FERRY_TBS_SPARE, tbs,
                                   env + d->env_total - FERRY_SIG_LEN);
    if (result != FERRY_PENDING) {
        result = ferry_verify_answer(env, result);
    }
    ferry_device_started(d, FERRY_CALL_CRYPTO, result);
    return d->state;
}

void ferry_device_say_piece(struct ferry_device *d, struct ferry_msg *m)
{
    unsigned left = (unsigned)d->report_len - d->report_at;

    m->u.piece.total = d->report_len;
    m->u.piece.off = d->report_at;
    m->rest = ferry_device_envelope(d) + d->report_at;
    m->rest_len = (uint16_t)(left < FERRY_PIECE_MAX ? left : FERRY_PIECE_MAX);
    d->report_at = (uint16_t)(d->report_at + m->rest_len);
    if (d->report_at == d->report_len) {
        ferry_device_tell(d, FERRY_EVENT_REPORTED, 0);
    }
}

void ferry_device_say_none(struct ferry_device *d, struct ferry_msg *m)
{
    bool soon = d->now - d->signed_at < FERRY_SIGN_MS;
    bool ever = d->cfg->crypto->sign != NULL && d->cfg->commit->report != NULL;

    m->u.piece.off = !ever ? 0 : soon ? FERRY_SIGN_MS / 1000U : BUSY_S;
}
