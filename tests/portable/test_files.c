/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that this processor reads the golden artifacts' manifests, the statement and
 * the identity block as golden.md says. Signatures are not its subject. */
#include "ferry/boot.h"
#include "ferry/manifest.h"
#include "ferry/statement.h"
#include "places.h"

static void a_manifest_says_what_it_said(const char *name)
{
    const struct doc_vector *v = doc_vector(name);
    const struct doc_field *file = doc_field(v, "file");
    uint8_t again[FERRY_PAYLOAD_MAX];
    struct ferry_envelope e;
    struct ferry_manifest m;

    assert_int_equal(ferry_envelope_len(file->bytes), doc_number(v, "envelope_len"));
    assert_int_equal(ferry_envelope_open(&e, file->bytes, file->len), 0);
    assert_int_equal(e.kid, doc_number(v, "slot"));
    for (unsigned role = 0; role < 2; role++) {
        assert_int_equal(ferry_manifest_parse(&m, e.payload, e.payload_len,
                                              (enum ferry_reader_role)role),
                         0);
        places_expect(places_manifest, PLACES_MANIFEST, &m, v);
    }
    assert_int_equal(ferry_manifest_encode(&m, again, sizeof again), e.payload_len);
    assert_memory_equal(again, e.payload, e.payload_len);
}

static void every_artifact_says_what_it_said(void **state)
{
    (void)state;
    a_manifest_says_what_it_said("factory.ferry");
    a_manifest_says_what_it_said("update.ferry");
    a_manifest_says_what_it_said("next.ferry");
}

static void the_statement_says_what_it_said(void **state)
{
    const struct doc_vector *v = doc_vector("statement.bin");
    const struct doc_field *file = doc_field(v, "file");
    struct ferry_envelope e;
    struct ferry_statement s;

    (void)state;
    assert_int_equal(ferry_envelope_open(&e, file->bytes, file->len), 0);
    assert_int_equal(ferry_statement_parse(&s, e.payload, e.payload_len), 0);
    places_expect(places_statement, PLACES_STATEMENT, &s, v);
}

static void the_identity_block_says_who_the_device_is(void **state)
{
    const struct doc_vector *v = doc_vector("identity.bin");
    const struct doc_field *file = doc_field(v, "file");
    const struct doc_field *keys = doc_field(v, "keys");
    struct ferry_identity id;
    struct ferry_map map;
    uint8_t made[FERRY_IDENTITY_LEN];

    (void)state;
    assert_int_equal(file->len, FERRY_IDENTITY_LEN);
    assert_int_equal(ferry_identity_open(&id, &map, file->bytes), 0);
    places_expect(places_identity, PLACES_IDENTITY, &id, v);
    places_expect(places_map, PLACES_MAP, &map, v);
    assert_memory_equal(id.keys, keys->bytes, keys->len);
    ferry_identity_make(&id, &map, made);
    assert_memory_equal(made, file->bytes, sizeof made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_artifact_says_what_it_said),
        cmocka_unit_test(the_statement_says_what_it_said),
        cmocka_unit_test(the_identity_block_says_who_the_device_is),
    };

    return cmocka_run_group_tests(tests, doc_open, NULL);
}
