/* SPDX-License-Identifier: Apache-2.0
 *
 * A statement is believed for its signature alone. Knows in which order things are found
 * wrong: nothing that a statement claims is used before its signature holds, but the id
 * that says whose key to try. */
#include <sodium.h>
#include <string.h>

#include "checkin.h"
#include "ferry/hal.h"

/* What the factory wrote down about whom the statement claims to be. */
struct maker {
    int64_t no;
    uint32_t hw_rev;
    uint8_t class_id[16];
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
};

static bool copy(const struct db_query *q, unsigned column, uint8_t *to, size_t len)
{
    size_t there;
    const uint8_t *bytes = db_get_blob(q, column, &there);

    if (bytes == NULL || there != len) {
        return false;
    }
    memcpy(to, bytes, len);
    return true;
}

static bool find(struct db *db, const uint8_t id[16], struct maker *m)
{
    struct db_query *q =
        db_ask(db, "SELECT no, hw_rev, class, key FROM devices WHERE id = ?");

    db_blob(q, 0, id, 16);
    bool found = db_next(q) && copy(q, 2, m->class_id, sizeof m->class_id) &&
                 copy(q, 3, m->key, sizeof m->key);
    if (found) {
        m->no = db_get_int(q, 0);
        m->hw_rev = (uint32_t)db_get_int(q, 1);
    }
    db_done(q);
    return found;
}

static bool is_signed(struct heard *h, const struct ferry_envelope *e,
                      const uint8_t key[crypto_sign_PUBLICKEYBYTES])
{
    uint8_t *env = h->envelope + FERRY_TBS_SPARE;
    size_t len = ferry_tbs_make(env);
    bool good = crypto_sign_verify_detached(e->sig, h->envelope, len, key) == 0;

    ferry_tbs_undo(env);
    return good;
}

static enum security_kind judge(struct heard *h, struct db *db,
                                const uint8_t secret[NONCE_SECRET_LEN], int32_t now_h)
{
    struct ferry_envelope e;
    struct ferry_statement s;
    struct maker m;

    if (ferry_envelope_open(&e, h->envelope + FERRY_TBS_SPARE, h->len) != 0 ||
        e.kid != FERRY_KID_STATEMENT || e.alg != FERRY_ALG_ED25519 ||
        ferry_statement_parse(&s, e.payload, e.payload_len) != 0) {
        return SECURITY_MALFORMED;
    }
    memcpy(h->claimed, s.device_id, sizeof h->claimed);
    if (!find(db, s.device_id, &m)) {
        return SECURITY_UNKNOWN_DEVICE;
    }
    if (!is_signed(h, &e, m.key)) {
        return SECURITY_FORGED;
    }
    h->device = m.no;
    if (memcmp(s.class_id, m.class_id, sizeof m.class_id) != 0 ||
        s.hw_rev != m.hw_rev) {
        return SECURITY_OTHER_CLASS;
    }
    if (s.nonce != NULL && nonce_hour(s.nonce, secret, now_h) < 0) {
        return SECURITY_FOREIGN_NONCE;
    }
    return SECURITY_NOTHING;
}

void checkin_verify(struct db *db, const uint8_t secret[NONCE_SECRET_LEN],
                    int32_t now_h, const void *bytes, size_t len, struct heard *h)
{
    memset(h, 0, sizeof *h);
    if (len > FERRY_ENVELOPE_MAX) {
        h->wrong = SECURITY_MALFORMED;
        return;
    }
    memcpy(h->envelope + FERRY_TBS_SPARE, bytes, len);
    h->len = len;
    h->wrong = judge(h, db, secret, now_h);
}
