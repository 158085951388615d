/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens, reports and security events: what the tables hold behind each event,
 * and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "security.h"
#include "tell.h"
#include "tokens.h"

/* ---- tokens ---------------------------------------------------------------------- */

static struct outcome make_token(struct db *db, const char *name, unsigned scopes,
                                 char token[TOKEN_TEXT])
{
    struct outcome o;

    assert_true(db_begin(db));
    token_add(db, name, scopes, AT, "test", token, &o);
    if (o.status == 200) {
        assert_true(db_commit(db));
    } else {
        db_rollback(db);
    }
    return o;
}

static struct outcome drop_token(struct db *db, const char *name)
{
    struct outcome o;

    assert_true(db_begin(db));
    token_revoke(db, name, AT + 5, "test", &o);
    if (o.status == 200) {
        assert_true(db_commit(db));
    } else {
        db_rollback(db);
    }
    return o;
}

static void a_token_tells_whose_it_is_and_what_it_may(void **state)
{
    struct world *w = *state;
    char anna[TOKEN_TEXT], bob[TOKEN_TEXT];
    struct token_holder who;

    assert_int_equal(make_token(w->db, "anna", TOKEN_READ | TOKEN_ADMIN, anna).status,
                     200);
    assert_int_equal(make_token(w->db, "bob", TOKEN_OPERATE, bob).status, 200);
    assert_string_not_equal(anna, bob);
    assert_int_equal(strlen(anna), TOKEN_TEXT - 7);
    assert_true(token_check(w->db, anna, &who));
    assert_string_equal(who.name, "anna");
    assert_int_equal(who.scopes, TOKEN_READ | TOKEN_ADMIN);
    assert_true(token_check(w->db, bob, &who));
    assert_string_equal(who.name, "bob");
}

static void what_is_no_token_is_nobodys(void **state)
{
    struct world *w = *state;
    char token[TOKEN_TEXT];
    struct token_holder who = {.scopes = 0};

    make_token(w->db, "anna", TOKEN_READ, token);
    assert_false(token_check(w->db, "", &who));
    assert_false(token_check(w->db, "anna", &who));
    for (size_t i = 0; i < strlen(token); i++) {
        char other[TOKEN_TEXT];
        memcpy(other, token, sizeof other);
        other[i] = other[i] == 'a' ? 'b' : 'a';
        assert_false(token_check(w->db, other, &who));
    }
    token[strlen(token) - 1] = '\0';
    assert_false(token_check(w->db, token, &who));
    assert_int_equal(who.scopes, 0);
}

static void a_revoked_token_is_good_for_nothing_and_its_name_is_taken(void **state)
{
    struct world *w = *state;
    char token[TOKEN_TEXT];
    struct token_holder who;

    make_token(w->db, "anna", TOKEN_READ, token);
    assert_int_equal(drop_token(w->db, "anna").status, 200);
    assert_false(token_check(w->db, token, &who));
    assert_int_equal(drop_token(w->db, "anna").status, 404);
    assert_int_equal(drop_token(w->db, "bob").status, 404);
    assert_int_equal(make_token(w->db, "anna", TOKEN_READ, token).status, 409);
}

/* Neither the tokens' table nor the log, nor anything else in the file. */
static void the_token_itself_is_nowhere(void **state)
{
    struct world *w = *state;
    char token[TOKEN_TEXT], path[200], some[4096];

    make_token(w->db, "anna", TOKEN_READ, token);
    if (w->base.folder[0] == '\0') {
        skip();
    }
    snprintf(path, sizeof path, "%s-wal", w->base.where + strlen("sqlite:"));
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    while (fread(some, 1, sizeof some, f) == sizeof some) {
        for (size_t i = 0; i + 20 < sizeof some; i++) {
            assert_true(memcmp(some + i, token + 6, 20) != 0);
        }
    }
    fclose(f);
}

static void making_and_revoking_are_on_record(void **state)
{
    struct world *w = *state;
    char token[TOKEN_TEXT];

    make_token(w->db, "anna", TOKEN_READ, token);
    drop_token(w->db, "anna");
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM log WHERE kind = 11"), 2);
    refused(w->db, EVENT_TOKEN, "{\"name\": \"\", \"scopes\": \"read\"}", 422, "/name",
            "1 to 64 bytes");
    refused(w->db, EVENT_TOKEN, "{\"name\": \"x\", \"scopes\": \"write\"}", 422,
            "/scopes", "read, operate and admin");
}

static void scopes_are_words_with_commas(void **state)
{
    unsigned scopes = 99;
    char text[TOKEN_SCOPES_TEXT];
    (void)state;

    assert_true(token_scopes_read("admin,read", &scopes));
    assert_int_equal(scopes, TOKEN_ADMIN | TOKEN_READ);
    token_scopes_write(scopes, text);
    assert_string_equal(text, "read,admin");
    token_scopes_write(TOKEN_READ | TOKEN_OPERATE | TOKEN_ADMIN, text);
    assert_string_equal(text, "read,operate,admin");
    assert_false(token_scopes_read("", &scopes));
    assert_false(token_scopes_read("reader", &scopes));
    assert_false(token_scopes_read("read,,admin", &scopes));
    assert_int_equal(scopes, TOKEN_ADMIN | TOKEN_READ);
}

/* ---- security events ------------------------------------------------------------- */

static void what_the_server_saw_becomes_a_row_of_the_stream(void **state)
{
    struct world *w = *state;
    size_t len;

    tell(w->db, EVENT_SECURITY,
         "{\"kind\": \"unknown_device\", \"claimed\": "
         "\"000102030405060708090a0b0c0d0e0f\", \"times\": 40}");
    tell(w->db, EVENT_SECURITY, "{\"kind\": \"bad_token\"}");
    struct db_query *q = db_ask(
        w->db, "SELECT at, kind, claimed, relay, times FROM security ORDER BY seq");
    assert_true(db_next(q));
    assert_int_equal(db_get_int(q, 0), AT);
    assert_int_equal(db_get_int(q, 1), SECURITY_UNKNOWN_DEVICE);
    assert_int_equal(db_get_blob(q, 2, &len)[15], 15);
    assert_int_equal(len, 16);
    assert_string_equal(db_get_text(q, 3), "192.0.2.7");
    assert_int_equal(db_get_int(q, 4), 40);
    assert_true(db_next(q));
    assert_true(db_get_null(q, 2));
    assert_int_equal(db_get_int(q, 4), 1);
    assert_false(db_next(q));
}

static void a_security_event_of_no_kind_is_refused(void **state)
{
    struct world *w = *state;

    refused(w->db, EVENT_SECURITY, "{\"kind\": \"odd\"}", 422, "/kind", "no kind");
    refused(w->db, EVENT_SECURITY, "{\"kind\": \"nothing\"}", 422, "/kind", "no kind");
    refused(w->db, EVENT_SECURITY, "{}", 422, "/kind", "missing");
    refused(w->db, EVENT_SECURITY, "{\"kind\": \"forged\", \"times\": 0}", 422,
            "/times", "no whole number");
    refused(w->db, EVENT_SECURITY, "{\"kind\": \"forged\", \"claimed\": \"xyz\"}", 422,
            "/claimed", "no id");
    refused(w->db, EVENT_SECURITY, "[]", 400, "", "no object");
}

static void every_kind_has_a_name_of_its_own_and_a_sentence(void **state)
{
    (void)state;

    for (int k = 1; k < SECURITY_KINDS; k++) {
        const char *means = security_means((enum security_kind)k);
        assert_string_not_equal(security_name((enum security_kind)k), "nothing");
        assert_true(means[strlen(means) - 1] == '.');
        for (int other = 1; other < k; other++) {
            assert_string_not_equal(security_name((enum security_kind)k),
                                    security_name((enum security_kind)other));
        }
    }
}

/* ---- reports --------------------------------------------------------------------- */

#define GOOD_REPORT                                                                    \
    "{\"app\": \"3.1.0\", \"device\": \"00000000000000000000000000000002\", "          \
    "\"rollout\": 0, \"outcome\": \"parked\", \"code\": -47, \"bytes\": 5000000000, "  \
    "\"resumes\": 2, \"seconds\": 90}"

static void a_phones_report_is_kept_as_the_phones_word(void **state)
{
    struct world *w = *state;

    tell_devices(w->db, 2);
    tell(w->db, EVENT_REPORT, GOOD_REPORT);
    struct db_query *q = db_ask(w->db, "SELECT device, outcome, code, bytes, resumes,"
                                       " seconds, app, relay FROM reports");
    assert_true(db_next(q));
    assert_int_equal(db_get_int(q, 0), 2);
    assert_string_equal(db_get_text(q, 1), "parked");
    assert_int_equal(db_get_int(q, 2), -47);
    assert_true(db_get_int(q, 3) == INT64_C(5000000000));
    assert_int_equal(db_get_int(q, 4), 2);
    assert_int_equal(db_get_int(q, 5), 90);
    assert_string_equal(db_get_text(q, 6), "3.1.0");
    assert_string_equal(db_get_text(q, 7), "192.0.2.7");
    db_done(q);
}

/* The good report with one member replaced by another text. */
static void refuse_report(struct db *db, const char *from, const char *to,
                          const char *where, const char *why)
{
    char body[400];
    const char *at = strstr(GOOD_REPORT, from);

    assert_non_null(at);
    snprintf(body, sizeof body, "%.*s%s%s", (int)(at - GOOD_REPORT), GOOD_REPORT, to,
             at + strlen(from));
    refused(db, EVENT_REPORT, body, 422, where, why);
}

static void a_report_of_what_is_not_there_is_refused(void **state)
{
    struct world *w = *state;

    tell_devices(w->db, 2);
    refuse_report(w->db, "0002", "0009", "/device", "no device that we know");
    refuse_report(w->db, "\"rollout\": 0", "\"rollout\": 7", "/rollout",
                  "no rollout 7");
    refuse_report(w->db, "parked", "eaten", "/outcome", "is none of done");
    refuse_report(w->db, "\"bytes\": 5000000000", "\"bytes\": -1", "/bytes",
                  "no whole number");
    refuse_report(w->db, "3.1.0", "a much longer name than any application has", "/app",
                  "not a text of");
    refuse_report(w->db, "\"seconds\": 90", "\"seconds\": 9.5", "/seconds",
                  "no whole number");
    struct outcome o = tell_about(w->db, EVENT_REPORT, 1, GOOD_REPORT);
    assert_int_equal(o.status, 422); /* logged under another device */
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM reports"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_token_tells_whose_it_is_and_what_it_may),
        TEST(what_is_no_token_is_nobodys),
        TEST(a_revoked_token_is_good_for_nothing_and_its_name_is_taken),
        TEST(the_token_itself_is_nowhere),
        TEST(making_and_revoking_are_on_record),
        TEST(what_the_server_saw_becomes_a_row_of_the_stream),
        TEST(a_security_event_of_no_kind_is_refused),
        TEST(a_phones_report_is_kept_as_the_phones_word),
        TEST(a_report_of_what_is_not_there_is_refused),
        cmocka_unit_test(scopes_are_words_with_commas),
        cmocka_unit_test(every_kind_has_a_name_of_its_own_and_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
