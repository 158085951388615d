/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that statements are what docs/PROTOCOL.md says: every key, the bytes that are
 * signed, and what each outcome means. */
#include <sodium.h>
#include <stdlib.h>

#include "cbor.h"
#include "doc_table.h"
#include "ferry/manifest.h"
#include "ferry/statement.h"
#include "places.h"
#include "trial.h"

#define KEYS 23U

static struct doc_table table;

/* ---- keys ------------------------------------------------------------------------ */

/* Length of the string that key k is; 0: a number. */
static uint32_t string_len(unsigned k)
{
    const char *value = table.cell[k][2];

    want(doc_cell_number(&table, k, 0) == (long)k, "keys in order");
    if (strncmp(value, "bstr ", 5) == 0) {
        return (uint32_t)strtoul(value + 5, NULL, 10);
    }
    want(strcmp(value, "uint") == 0, value);
    return 0;
}

/* All keys of the table; `drop` is left out, `bend` is given a value of another type or
 * length. Neither: KEYS. One more key, `head`, if it is not 0. */
static int parse(unsigned drop, unsigned bend, uint8_t head)
{
    static const uint8_t bytes[40] = {0};
    uint8_t payload[400];
    struct ferry_statement s;
    struct ferry_writer w = ferry_writer(payload, sizeof payload);
    unsigned pairs = KEYS - (drop < KEYS) + (head != 0);

    ferry_cbor_head(&w, FERRY_CBOR_MAP, pairs);
    for (unsigned k = 0; k < KEYS; k++) {
        uint32_t len = string_len(k);
        if (k == drop) {
            continue;
        }
        ferry_cbor_head(&w, FERRY_CBOR_UINT, k);
        if (len > 0) {
            ferry_cbor_bstr(&w, bytes, k == bend ? len + 1 : len);
        } else if (k == bend) {
            ferry_cbor_bstr(&w, bytes, 4);
        } else {
            ferry_cbor_head(&w, FERRY_CBOR_UINT, k == 0 ? FERRY_TYPE_STATEMENT : 1);
        }
    }
    if (head != 0) {
        const uint8_t pair[] = {head, 1};
        ferry_put(&w, pair, sizeof pair);
    }
    assert_false(w.bad);
    return ferry_statement_parse(&s, payload, w.len);
}

static void open_table(void)
{
    doc_table("## 11 The statement (frozen)", "| key | name | value | required |",
              &table);
    assert_int_equal(table.rows, KEYS);
}

static void the_statement_table_is_what_the_parser_demands(void **state)
{
    unsigned optional = 0;

    (void)state;
    open_table();
    assert_int_equal(parse(KEYS, KEYS, 0), 0);
    for (unsigned k = 0; k < KEYS; k++) {
        bool required = strcmp(table.cell[k][3], "yes") == 0;
        want(parse(k, KEYS, 0) == (required ? FERRY_E_MISSING : 0), table.cell[k][1]);
        want(parse(KEYS, k, 0) == FERRY_E_TYPE, table.cell[k][1]);
        optional += !required;
    }
    assert_int_equal(optional, 1);
}

/* The nonce makes room: a map has 23 pairs at most. */
static void other_keys_are_refused_or_skipped_as_documented(void **state)
{
    (void)state;
    open_table();
    for (uint8_t k = 0; k < 24; k++) { /* -1 - k */
        assert_int_equal(parse(FERRY_SAYS_NONCE, KEYS, (uint8_t)(0x20 + k)), 0);
    }
    assert_int_equal(parse(FERRY_SAYS_NONCE, KEYS, 23), FERRY_E_CRIT);
    assert_int_equal(parse(KEYS, KEYS, 0x20), FERRY_E_CBOR);
}

/* ---- the vector ------------------------------------------------------------------ */

/* The vector's facts as the struct that means them. */
static void fill(struct ferry_statement *s)
{
    for (size_t i = 0; i < PLACES_STATEMENT; i++) {
        const struct place *p = &places_statement[i];
        const struct doc_field *f = doc_field(doc_vector("statement"), p->name);
        const uint8_t *bytes = f->bytes;
        void *at = (uint8_t *)s + p->at;
        want(f->is_number == !p->elsewhere, f->name);
        want(f->is_number || f->len == p->size, f->name);
        if (p->elsewhere) {
            memcpy(at, &bytes, sizeof bytes);
        } else {
            memcpy(at, &f->number, sizeof f->number);
        }
    }
}

static void expect_bytes(const char *name, const uint8_t *got, size_t len)
{
    const struct doc_field *f = doc_field(doc_vector("statement"), name);

    want(len == f->len, name);
    assert_memory_equal(got, f->bytes, len);
}

static void the_engine_makes_the_statement_vector_from_its_facts(void **state)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX], pk[32], sk[64];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_statement s = {0};

    (void)state;
    open_table();
    fill(&s);
    size_t len =
        ferry_statement_encode(&s, env + FERRY_ENVELOPE_HEAD, FERRY_PAYLOAD_MAX);
    expect_bytes("payload", env + FERRY_ENVELOPE_HEAD, len);
    size_t total =
        ferry_envelope_frame(env, len, FERRY_ALG_ED25519, FERRY_KID_STATEMENT);
    size_t tbs = ferry_tbs_make(env);
    expect_bytes("tbs", room, tbs);
    crypto_sign_seed_keypair(pk, sk, doc_field(doc_vector("statement"), "seed")->bytes);
    expect_bytes("public_key", pk, sizeof pk);
    crypto_sign_detached(env + total - FERRY_SIG_LEN, NULL, room, tbs, sk);
    expect_bytes("signature", env + total - FERRY_SIG_LEN, FERRY_SIG_LEN);
    ferry_tbs_undo(env);
    expect_bytes("envelope", env, total);
}

static void the_engine_takes_the_statement_vector_apart_again(void **state)
{
    const struct doc_field *env = doc_field(doc_vector("statement"), "envelope");
    struct ferry_statement s;
    struct ferry_envelope e;
    uint8_t again[FERRY_PAYLOAD_MAX];

    (void)state;
    open_table();
    assert_int_equal(ferry_envelope_open(&e, env->bytes, env->len), 0);
    assert_int_equal(e.kid, 0x80);
    assert_int_equal(ferry_statement_parse(&s, e.payload, e.payload_len), 0);
    assert_int_equal(s.has, (1U << KEYS) - 1U);
    places_expect(places_statement, PLACES_STATEMENT, &s, doc_vector("statement"));
    for (size_t i = 0; i < PLACES_STATEMENT; i++) { /* key k is field k */
        want(strcmp(table.cell[i][1], places_statement[i].name) == 0, table.cell[i][1]);
    }
    assert_int_equal(ferry_statement_encode(&s, again, sizeof again), e.payload_len);
    assert_memory_equal(again, e.payload, e.payload_len);
}

/* ---- outcomes -------------------------------------------------------------------- */

static void the_outcomes_are_the_headers(void **state)
{
    static const struct {
        const char *name;
        enum ferry_outcome value;
    } outcomes[] = {
        {"NONE", FERRY_OUTCOME_NONE},
        {"TRIAL", FERRY_OUTCOME_TRIAL},
        {"CONFIRMED", FERRY_OUTCOME_CONFIRMED},
        {"FAULTS", FERRY_OUTCOME_FAULTS},
        {"POWER", FERRY_OUTCOME_POWER},
        {"EXPIRED", FERRY_OUTCOME_EXPIRED},
        {"CRASH_LOOP", FERRY_OUTCOME_CRASH_LOOP},
        {"DAMAGED", FERRY_OUTCOME_DAMAGED},
        {"REFUSED", FERRY_OUTCOME_REFUSED},
    };

    (void)state;
    doc_table("### Outcomes", "| outcome | value | tombstone |", &table);
    assert_int_equal(table.rows, COUNT(outcomes));
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        unsigned row = doc_row(&table, outcomes[i].name);
        want(doc_cell_number(&table, row, 1) == (long)outcomes[i].value,
             outcomes[i].name);
    }
}

/* How many returns for this reason it takes until there is a tombstone. */
static unsigned returns_until_a_tombstone(enum ferry_outcome why)
{
    struct ferry_boot_record rec = {0};
    struct ferry_app_record app = {0};
    const struct ferry_image image = {{7}, 5, 0, 0};

    for (unsigned n = 1; n < 9; n++) {
        ferry_trial_begin(&rec, 1, &image, true, &app);
        ferry_trial_return(&rec, why, &image);
        if ((rec.flags & FERRY_BOOT_TOMBSTONE) != 0) {
            return n;
        }
    }
    return 0;
}

static void outcomes_bury_as_documented(void **state)
{
    (void)state;
    doc_table("### Outcomes", "| outcome | value | tombstone |", &table);
    for (unsigned i = 0; i < table.rows; i++) {
        const char *cell = table.cell[i][2];
        long why = doc_cell_number(&table, i, 1);
        bool third = strcmp(cell, "third") == 0;
        if (strcmp(cell, "-") != 0) {
            want(third || strcmp(cell, "yes") == 0, cell);
            want(returns_until_a_tombstone((enum ferry_outcome)why) == (third ? 3 : 1),
                 table.cell[i][0]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_statement_table_is_what_the_parser_demands),
        cmocka_unit_test(other_keys_are_refused_or_skipped_as_documented),
        cmocka_unit_test(the_engine_makes_the_statement_vector_from_its_facts),
        cmocka_unit_test(the_engine_takes_the_statement_vector_apart_again),
        cmocka_unit_test(the_outcomes_are_the_headers),
        cmocka_unit_test(outcomes_bury_as_documented),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, doc_open, NULL);
}
