/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which facts a statement states, and under which keys. Does not know where they
 * come from, nor who signs. */
#include "ferry/statement.h"

#include "ferry/manifest.h"
#include "pairs.h"

#define NUMBER(field) FERRY_NUMBER(struct ferry_statement, field)
#define STRING(field, len) FERRY_STRING(struct ferry_statement, field, len)
#define FIELDS 23U
#define ALL ((UINT32_C(1) << FIELDS) - 1U)
#define NONCE (UINT32_C(1) << FERRY_SAYS_NONCE)

static const struct ferry_field fields[FIELDS] = {
    NUMBER(type),
    STRING(class_id, 16),
    STRING(device_id, 16),
    NUMBER(hw_rev),
    NUMBER(version),
    NUMBER(counter),
    STRING(nonce, FERRY_NONCE_LEN),
    STRING(digest, 16),
    NUMBER(link),
    NUMBER(attempts),
    NUMBER(starts),
    NUMBER(resets),
    NUMBER(outcome),
    NUMBER(outcome_version),
    STRING(outcome_digest, 8),
    NUMBER(updates),
    NUMBER(rollbacks),
    NUMBER(hash_errors),
    NUMBER(block_errors),
    NUMBER(bad_signatures),
    STRING(offender, FERRY_OFFENDER_LEN),
    STRING(refusals, FERRY_REFUSALS_LEN),
    NUMBER(floor),
};

/*@ requires \valid_read(s) && \valid(payload + (0 .. cap - 1));
  @ requires \separated(s, payload + (0 .. cap - 1));
  @ requires \separated(&fields[0] + (0 .. FIELDS - 1), payload + (0 .. cap - 1));
  @ requires \forall integer k; 0 <= k < FIELDS &&
  @   (k == FERRY_SAYS_NONCE ==> s->nonce != \null) ==>
  @   source(s, &fields[0] + k, payload, cap);
  @ terminates \true;
  @ assigns payload[0 .. cap - 1];
  @ ensures fits: \result <= cap; */
size_t ferry_statement_encode(const struct ferry_statement *s, uint8_t *payload,
                              size_t cap)
{
    struct ferry_writer w = ferry_writer(payload, cap);
    struct ferry_pairs p = {.has = s->nonce != NULL ? ALL : ALL & ~NONCE};

    /*@ assert none: s->nonce == \null ==> p.has == (ALL & ~NONCE); */
    /*@ assert none: s->nonce == \null ==> ((p.has >> FERRY_SAYS_NONCE) & 1) == 0; */
    /*@ assert same: \forall integer k; 0 <= k < FIELDS && chosen(&p, k) ==>
      @   source(s, &fields[0] + k, payload, cap); */
    /*@ assert same: \forall integer k; 0 <= k < FIELDS && chosen(&p, k) ==>
      @   aside(s, &fields[0] + k, &w); */
    ferry_pairs_put(&p, &w, s, fields, FIELDS);
    return w.bad ? 0 : w.len;
}

/*@ requires \valid(s) && \valid_read(payload + (0 .. len - 1));
  @ requires \separated(s, payload + (0 .. len - 1));
  @ terminates \true;
  @ assigns *s;
  @ ensures shape: \result == 0 ==> map(payload, payload + len);
  @ ensures rules: \result == 0 ==> (s->has | NONCE) == ALL && s->type == 2; */
int ferry_statement_parse(struct ferry_statement *s, const uint8_t *payload, size_t len)
{
    struct ferry_reader r = ferry_reader(payload, len);
    struct ferry_pairs p;

    *s = (struct ferry_statement){0};
    int err = ferry_pairs_take(&p, &r, s, fields, FIELDS, FERRY_PAIRS_KEYS_END);
    if (err != 0) {
        return err;
    }
    /*@ assert map(payload, r.at); */
    /*@ assert r.at + r.left == payload + len; */
    s->has = p.has;
    if ((p.has | NONCE) != ALL) {
        return FERRY_E_MISSING;
    }
    if (s->type != FERRY_TYPE_STATEMENT) {
        return FERRY_E_TYPE;
    }
    return r.left > 0 ? FERRY_E_TRAIL : 0;
}
