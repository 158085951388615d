/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that what version 0.1.0 wrote is read today as golden.md says: artifacts,
 * identity block, hand-off block, statement, and both journals in every state; and that
 * a device with these journals starts as it did then. */
#include "files.h"
#include "journal.h"
#include "places.h"
#include "verify.h"

static struct rig rig;
static struct rig_file artifact, pages;

/* ---- artifacts ------------------------------------------------------------------- */

static void blocks_match(const struct ferry_manifest *m, const uint8_t *table,
                         const uint8_t *image)
{
    uint8_t hash[32];

    for (uint32_t off = 0; off < m->length; off += FERRY_BLOCK_LEN) {
        uint32_t left = m->length - off;
        crypto_hash_sha256(hash, image + off, left < 4096 ? left : 4096);
        assert_memory_equal(table + off / FERRY_BLOCK_LEN * 16, hash, 16);
    }
    crypto_hash_sha256(hash, table, ferry_table_len(m->length));
    assert_memory_equal(hash, m->blocks, sizeof hash);
    crypto_hash_sha256(hash, image, m->length);
    assert_memory_equal(hash, m->sha256, sizeof hash);
}

static void read_artifact(const char *name)
{
    const struct doc_vector *v = doc_vector(name);
    static uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE, digest[32];
    struct ferry_envelope e;
    struct ferry_manifest m;

    file_load(name, &artifact);
    assert_int_equal(artifact.len, doc_number(v, "file_len"));
    size_t len = ferry_envelope_len(artifact.bytes);
    assert_int_equal(len, doc_number(v, "envelope_len"));
    memcpy(env, artifact.bytes, len);
    assert_int_equal(ferry_verify_form(rig.identity.keys, env, len, &e), 0);
    assert_int_equal(e.kid, doc_number(v, "slot"));
    ferry_verify_digest(&rig.crypto, env, digest);
    assert_memory_equal(digest, doc_field(v, "digest")->bytes, sizeof digest);
    assert_int_equal(ferry_verify_ask(&rig.crypto, rig.identity.keys, env, &e), 0);
    const enum ferry_reader_role roles[] = {FERRY_READER_BOOT, FERRY_READER_DEVICE};
    for (size_t i = 0; i < COUNT(roles); i++) {
        assert_int_equal(ferry_manifest_parse(&m, e.payload, e.payload_len, roles[i]),
                         0);
        places_expect(places_manifest, PLACES_MANIFEST, &m, v);
    }
    assert_int_equal(artifact.len, len + ferry_table_len(m.length) + m.length);
    blocks_match(&m, artifact.bytes + len, artifact.bytes + artifact.len - m.length);
}

static void every_artifact_verifies_and_says_what_it_said(void **state)
{
    (void)state;
    file_device(&rig, doc_vector("factory"));
    read_artifact("factory.ferry");
    read_artifact("update.ferry");
    read_artifact("next.ferry");
}

/* ---- blocks and the statement ---------------------------------------------------- */

static void the_identity_block_says_who_the_device_is(void **state)
{
    const struct doc_vector *v = doc_vector("identity.bin");

    (void)state;
    file_device(&rig, doc_vector("factory"));
    places_expect(places_identity, PLACES_IDENTITY, &rig.identity, v);
    places_expect(places_map, PLACES_MAP, &rig.map, v);
    const struct doc_field *keys = doc_field(v, "keys");
    assert_int_equal(keys->len, FERRY_KEY_SLOTS * sizeof *rig.identity.keys);
    assert_memory_equal(rig.identity.keys, keys->bytes, keys->len);
}

static void the_statement_verifies_and_says_what_it_said(void **state)
{
    static uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;
    struct ferry_statement s;

    (void)state;
    file_device(&rig, doc_vector("factory"));
    file_load("statement.bin", &artifact);
    assert_true(artifact.len <= FERRY_ENVELOPE_MAX);
    memcpy(env, artifact.bytes, artifact.len);
    assert_int_equal(ferry_envelope_open(&e, env, artifact.len), 0);
    assert_int_equal(e.kid, FERRY_KID_STATEMENT);
    size_t tbs = ferry_tbs_make(env);
    assert_int_equal(crypto_sign_verify_detached(e.sig, room, tbs, rig.public_key), 0);
    ferry_tbs_undo(env);
    assert_int_equal(ferry_statement_parse(&s, e.payload, e.payload_len), 0);
    places_expect(places_statement, PLACES_STATEMENT, &s, doc_vector("statement.bin"));
}

/* ---- journals -------------------------------------------------------------------- */

/* "trial" and "next" is "trial.next". */
static const struct doc_vector *part(const struct doc_vector *of, const char *which)
{
    char name[sizeof of->name + 8];

    snprintf(name, sizeof name, "%s.%s", of->name, which);
    return doc_vector(name);
}

/* The device in this state, switched off. */
static void come_to(const struct doc_vector *v)
{
    char name[60];

    file_device(&rig, v);
    file_load(doc_number(v, "newer") ? "next.ferry" : "factory.ferry", &artifact);
    rig_install(&rig, 0, &artifact);
    file_load("update.ferry", &artifact);
    rig_install(&rig, 1, &artifact);
    snprintf(name, sizeof name, "journals-%s.bin", v->name);
    file_load(name, &pages);
    want(pages.len == 4 * rig.hal.erase_unit, name);
    rig_put_pages(&rig, &pages);
}

static void journal_is(const struct ferry_journal *j, int scan,
                       const struct doc_vector *v)
{
    bool found = doc_number(v, "found") == 1;

    want(scan == (found ? 0 : FERRY_E_STATE), v->name);
    want(j->found == doc_number(v, "found"), v->name);
    want(j->doubt == doc_number(v, "doubt"), v->name);
    want(!found || j->sequence == doc_number(v, "sequence"), v->name);
    want(!found || j->holder == doc_number(v, "page"), v->name);
    want(!found || j->tail[j->active] == doc_number(v, "tail"), v->name);
}

static void reads_as_it_did(const struct doc_vector *v)
{
    struct ferry_boot_record boot;
    struct ferry_app_record app;
    struct ferry_journal j;

    come_to(v);
    journal_is(&j, rig_read_boot(&rig, &j, &boot), part(v, "boot"));
    places_expect(places_boot, PLACES_BOOT, &boot, part(v, "boot"));
    journal_is(&j, rig_read_app(&rig, false, &j, &app), part(v, "app"));
    places_expect(places_app, PLACES_APP, &app, part(v, "app"));
    journal_is(&j, rig_read_app(&rig, true, &j, &app), part(v, "asks"));
    places_expect(places_app, PLACES_APP, &app, part(v, "asks"));
}

/* Its later starts, without a fault, answer the same; after two kept slots and a turn of
 * pages at the latest in doubt about nothing. */
static void starts_as_it_did(const struct doc_vector *v)
{
    const struct doc_vector *next = part(v, "next");
    struct ferry_boot_record rec;
    struct ferry_journal j;
    uint32_t reset = doc_number(next, "reset");

    come_to(v);
    for (unsigned start = 0; start < 4; start++) {
        want(rig_boot(&rig, (enum ferry_reset)reset) == (int)doc_number(next, "boots"),
             next->name);
        want(rig.opened == 0, next->name);
        want(rig.handoff.attempts == doc_number(next, "attempts"), next->name);
        want(start > 0 || rig.handoff.flags == doc_number(next, "handoff_flags"),
             next->name);
        want(rig.app.state.version == doc_number(next, "version"), next->name);
        want(rig.app.state.committed == doc_number(next, "committed"), next->name);
        want(rig.app.state.settled == doc_number(next, "settled"), next->name);
        want(rig_read_boot(&rig, &j, &rec) == 0, next->name);
        want(start > 0 || j.doubt == doc_number(next, "doubt"), next->name);
        want(start < 2 || !j.doubt, next->name);
        for (size_t i = 0; i < PLACES_BOOT; i++) {
            const char *name = places_boot[i].name;
            const bool told =
                strcmp(name, "flags") == 0 || strcmp(name, "faults") == 0 ||
                strcmp(name, "outcome") == 0 || strcmp(name, "floor") == 0 ||
                strcmp(name, "updates") == 0 || strcmp(name, "rollbacks") == 0;
            want(!told || place_number(&places_boot[i], &rec) == doc_number(next, name),
                 name);
        }
        reset = FERRY_RESET_PLANNED;
    }
    want(rig.broken == NULL, rig.broken);
}

static unsigned for_every_state(void (*what)(const struct doc_vector *v))
{
    unsigned states = 0;

    for (unsigned i = 0; doc_vector_at(i) != NULL; i++) {
        const struct doc_vector *v = doc_vector_at(i);
        if (strcmp(v->field[0].name, "erase_unit") == 0) {
            what(v);
            states++;
        }
    }
    return states;
}

static void every_journal_reads_as_it_did(void **state)
{
    (void)state;
    assert_int_equal(for_every_state(reads_as_it_did), 17);
}

static void every_device_starts_as_it_did(void **state)
{
    (void)state;
    assert_int_equal(for_every_state(starts_as_it_did), 17);
}

/* ---- the hand-off block ---------------------------------------------------------- */

static void the_hand_off_block_is_read_and_its_wish_is_heard(void **state)
{
    struct ferry_boot_record rec;
    struct ferry_journal j;

    (void)state;
    come_to(doc_vector("trial"));
    file_load("handoff.bin", &artifact);
    assert_int_equal(artifact.len, sizeof rig.handoff);
    memcpy(&rig.handoff, artifact.bytes, sizeof rig.handoff);
    places_expect(places_handoff, PLACES_HANDOFF, &rig.handoff,
                  doc_vector("handoff.bin"));
    assert_int_equal(rig_boot(&rig, FERRY_RESET_SOFT), 1);
    assert_int_equal(rig.handoff.reset, FERRY_RESET_PLANNED);
    assert_int_equal(rig.handoff.attempts, 2);
    assert_int_equal(rig_read_boot(&rig, &j, &rec), 0);
    assert_int_equal(rec.expiries, 1);
    assert_int_equal(rec.faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_artifact_verifies_and_says_what_it_said),
        cmocka_unit_test(the_identity_block_says_who_the_device_is),
        cmocka_unit_test(the_statement_verifies_and_says_what_it_said),
        cmocka_unit_test(every_journal_reads_as_it_did),
        cmocka_unit_test(every_device_starts_as_it_did),
        cmocka_unit_test(the_hand_off_block_is_read_and_its_wish_is_heard),
    };

    return cmocka_run_group_tests(tests, files_open, NULL);
}
