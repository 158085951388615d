/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases: taken over from a store when the record says what was signed, refused when it
 * does not, withdrawn once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "ferry/manifest.h"
#include "own.h"
#include "releases.h"
#include "tell.h"

/* ---- a store --------------------------------------------------------------------- */

/* A store with release 2.1.0 of one artifact for bank 0x20000, revisions 1 to 4. */
struct shop {
    char folder[64];
    struct store *store;
    struct release r;
    uint8_t bytes[1000];
    size_t len;
};

static struct ferry_manifest a_manifest(const uint8_t class_id[16],
                                        const uint8_t hash[32])
{
    return (struct ferry_manifest){
        .has = 1U << FERRY_KEY_TYPE | 1U << FERRY_KEY_CLASS | 1U << FERRY_KEY_HW_MIN |
               1U << FERRY_KEY_HW_MAX | 1U << FERRY_KEY_VERSION |
               1U << FERRY_KEY_SEC_CTR | 1U << FERRY_KEY_LENGTH |
               1U << FERRY_KEY_SHA256 | 1U << FERRY_KEY_LINK | 1U << FERRY_KEY_BLOCKS,
        .type = FERRY_TYPE_IMAGE,
        .hw_min = 1,
        .hw_max = 4,
        .version = 0x02010000,
        .sec_ctr = 5,
        .length = 500,
        .link = 0x20000,
        .class_id = class_id,
        .sha256 = hash,
        .blocks = hash,
    };
}

/* The record of what stands in `bytes`, as `ferry release publish` writes it. */
static void describe(struct shop *s, const struct ferry_manifest *m, size_t env_len)
{
    struct release_variant *v = &s->r.variants[0];

    memcpy(s->r.class_id, m->class_id, 16);
    s->r.version = m->version;
    s->r.sec_ctr = m->sec_ctr;
    s->r.slot = 3;
    s->r.variants_len = 1;
    *v = (struct release_variant){.hw_min = m->hw_min,
                                  .hw_max = m->hw_max,
                                  .link = m->link,
                                  .image_len = m->length,
                                  .artifact_len = (uint32_t)s->len};
    memcpy(v->image, m->sha256, 32);
    crypto_hash_sha256(v->artifact, s->bytes + FERRY_TBS_SPARE, s->len);
    uint8_t *env = s->bytes + FERRY_TBS_SPARE;
    size_t tbs = ferry_tbs_make(env);
    crypto_hash_sha256(v->digest, s->bytes, tbs);
    ferry_tbs_undo(env);
    (void)env_len;
}

static void open_shop(struct shop *s)
{
    static const uint8_t class_id[16] = {0xC1}, hash[32] = {0x5A};
    struct ferry_manifest m = a_manifest(class_id, hash);
    struct store_settings how = {.attempts = 1};
    char why[200];

    memset(s, 0, sizeof *s);
    uint8_t *env = s->bytes + FERRY_TBS_SPARE;
    size_t payload = ferry_manifest_encode(&m, env + FERRY_ENVELOPE_HEAD, 255);
    assert_true(payload > 0);
    size_t env_len = ferry_envelope_frame(env, payload, 0x27, 3);
    s->len = env_len + 16 + 500;
    describe(s, &m, env_len);
    snprintf(s->folder, sizeof s->folder, "/tmp/ferry-shop-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    s->store = store_open(s->folder, &how, why, sizeof why);
    assert_non_null(s->store);
}

static void close_shop(struct shop *s)
{
    char command[100];

    store_close(s->store);
    snprintf(command, sizeof command, "rm -r %s", s->folder);
    assert_int_equal(system(command), 0);
}

static void publish(struct shop *s)
{
    bool same;

    assert_int_equal(release_put_artifact(s->store, s->r.variants[0].artifact,
                                          s->bytes + FERRY_TBS_SPARE, s->len),
                     STORE_DONE);
    assert_int_equal(release_publish(s->store, &s->r, &same), STORE_DONE);
}

static char *body_of(struct shop *s, struct outcome *o)
{
    return release_body(s->store, s->r.class_id, s->r.version, true, o);
}

static void a_release_of_the_store_is_taken_over(void **state)
{
    struct world *w = *state;
    struct shop s;
    struct outcome o;
    struct release r;

    open_shop(&s);
    publish(&s);
    char *body = body_of(&s, &o);
    if (body == NULL) {
        fail_msg("%s", o.why);
    }
    tell(w->db, EVENT_RELEASE, body);
    assert_int_equal(release_load(w->db, s.r.class_id, 0x02010000, &r), 1);
    assert_int_equal(r.variants_len, 1);
    assert_memory_equal(r.variants[0].digest, s.r.variants[0].digest, 32);
    assert_false(r.withdrawn);
    assert_int_equal(number_of(w->db, "SELECT pass FROM releases"), 1);
    assert_int_equal(number_of(w->db, "SELECT hw_min * 100 + hw_max FROM releases"),
                     104);
    assert_int_equal(number_of(w->db, "SELECT slot FROM releases"), 3);
    refused(w->db, EVENT_RELEASE, body, 409, "/version",
            "2.1.0 of this class is there");
    free(body);
    close_shop(&s);
}

/* What a record may say otherwise than what was signed. */
static void a_record_that_lies_about_its_manifest_is_refused(void **state)
{
    static const char *const names[] = {"sec_ctr", "min_from", "hw_min",
                                        "hw_max",  "link",     "image_length",
                                        "image",   "digest",   "slot"};
    (void)state;

    for (unsigned lie = 0; lie < sizeof names / sizeof names[0]; lie++) {
        struct shop s;
        struct outcome o;
        open_shop(&s);
        struct release_variant *v = &s.r.variants[0];
        s.r.sec_ctr += lie == 0;
        s.r.min_from += lie == 1;
        v->hw_min += lie == 2;
        v->hw_max += lie == 3;
        v->link += lie == 4;
        v->image_len += lie == 5;
        v->image[31] ^= lie == 6;
        v->digest[31] ^= lie == 7;
        s.r.slot = (uint8_t)(s.r.slot + (lie == 8));
        publish(&s);
        assert_null(body_of(&s, &o));
        assert_int_equal(o.status, 422);
        char quoted[40];
        snprintf(quoted, sizeof quoted, "another \"%s\"", names[lie]);
        if (strstr(o.why, quoted) == NULL) {
            fail_msg("%s: %s", names[lie], o.why);
        }
        close_shop(&s);
    }
}

static void spoil(struct shop *s, const char *how)
{
    char name[RELEASE_NAME_MAX], command[300];

    release_artifact_name(s->r.variants[0].artifact, name);
    snprintf(command, sizeof command, how, s->folder, name);
    assert_int_equal(system(command), 0);
}

static void a_damaged_or_missing_artifact_is_no_release(void **state)
{
    struct shop s;
    struct outcome o;
    (void)state;

    open_shop(&s);
    publish(&s);
    spoil(&s, "printf x >> %s/%s");
    assert_null(body_of(&s, &o));
    assert_int_equal(o.status, 422);
    assert_non_null(strstr(o.why, "damaged"));
    spoil(&s, "rm -f %s/%s");
    assert_null(body_of(&s, &o));
    assert_int_equal(o.status, 422);
    assert_non_null(strstr(o.why, "not in the store"));
    close_shop(&s);
}

static void a_release_that_is_not_there_or_was_withdrawn_is_not_taken(void **state)
{
    struct shop s;
    struct outcome o;
    (void)state;

    open_shop(&s);
    assert_null(body_of(&s, &o));
    assert_int_equal(o.status, 404);
    publish(&s);
    assert_int_equal(release_withdraw(s.store, &s.r, "it smokes"), STORE_DONE);
    assert_null(body_of(&s, &o));
    assert_int_equal(o.status, 422);
    assert_non_null(strstr(o.why, "it smokes"));
    close_shop(&s);
}

static void a_release_is_withdrawn_once(void **state)
{
    struct world *w = *state;
    struct shop s;
    struct outcome o;
    struct release r;
    static const char body[] = "{\"class\": \"c1000000000000000000000000000000\","
                               " \"version\": \"2.1.0\", \"reason\": \"it smokes\"}";

    open_shop(&s);
    publish(&s);
    refused(w->db, EVENT_WITHDRAW, body, 404, "/version", "no such release");
    char *release = body_of(&s, &o);
    tell(w->db, EVENT_RELEASE, release);
    free(release);
    refused(w->db, EVENT_WITHDRAW,
            "{\"class\": \"c1000000000000000000000000000000\","
            " \"version\": \"2.1.0\"}",
            422, "/reason", "missing");
    tell(w->db, EVENT_WITHDRAW, body);
    assert_int_equal(release_load(w->db, s.r.class_id, s.r.version, &r), 1);
    assert_true(r.withdrawn);
    assert_int_equal(number_of(w->db, "SELECT withdrawn_at FROM releases"), AT);
    refused(w->db, EVENT_WITHDRAW, body, 409, "/version", "already");
    close_shop(&s);
}

static void what_is_no_record_is_no_release(void **state)
{
    struct world *w = *state;

    refused(w->db, EVENT_RELEASE, "{}", 422, "", "\"format\"");
    refused(w->db, EVENT_RELEASE, "{\"format\": 1, \"class\": \"00\"}", 422, "",
            "\"class\"");
    refused(w->db, EVENT_RELEASE, "nonsense", 400, "", "no JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_release_of_the_store_is_taken_over),
        TEST(a_release_is_withdrawn_once),
        TEST(what_is_no_record_is_no_release),
        cmocka_unit_test(a_record_that_lies_about_its_manifest_is_refused),
        cmocka_unit_test(a_damaged_or_missing_artifact_is_no_release),
        cmocka_unit_test(a_release_that_is_not_there_or_was_withdrawn_is_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
