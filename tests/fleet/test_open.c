/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a database: its tables are made once, what is none is named, passwords and files
 * are nobody else's business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "own.h"

static void the_tables_are_made_once_and_known_again(void **state)
{
    struct world *w = *state;
    char why[DB_WHY_MAX];
    struct db *again = base_open(&w->base, DB_WRITER);

    assert_true(schema_ready(again, why, sizeof why));
    assert_true(db_run(again, "UPDATE meta SET value = '7' WHERE name = 'schema'"));
    assert_false(schema_ready(again, why, sizeof why));
    assert_non_null(strstr(why, "version 7"));
    db_close(again);
}

static void a_reader_makes_no_tables(void **state)
{
    struct base b;
    char why[DB_WHY_MAX];
    (void)state;

    base_bare(&b);
    db_close(base_open(&b, DB_WRITER));
    struct db *reader = base_open(&b, DB_READER);
    assert_false(schema_ready(reader, why, sizeof why));
    assert_non_null(strstr(why, "no tables"));
    db_close(reader);
    base_remove(&b);
}

static void a_place_that_is_none_is_named(void **state)
{
    char why[DB_WHY_MAX];
    (void)state;

    assert_null(db_open("fleet.db", DB_WRITER, why, sizeof why));
    assert_non_null(strstr(why, "fleet.db: neither sqlite:PATH"));
    assert_null(db_open("sqlite:/no/such/folder/x", DB_WRITER, why, sizeof why));
    assert_non_null(strstr(why, "/no/such/folder/x"));
    assert_null(db_open("sqlite:/no/such/folder/x", DB_READER, why, sizeof why));
}

static void a_password_is_never_shown(void **state)
{
    static const char *const wrong[] = {
        "postgresql://me:se%zzcret@localhost/x", "password=secret nonsense=1 host=",
        "host=/nowhere user=me password=secret dbname=x",
        "postgresql://me:secret@localhost:1/x", "postgresql:me:secret"};
    char why[DB_WHY_MAX];
    (void)state;

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_null(db_open(wrong[i], DB_READER, why, sizeof why));
        assert_null(strstr(why, "cret"));
        assert_true(strlen(why) > 20);
    }
}

/* Tokens' hashes and the nonces' secret are in it. */
static void a_new_file_is_its_owners_alone(void **state)
{
    struct world *w = *state;
    struct stat st;

    if (w->base.folder[0] == '\0') {
        skip();
    }
    assert_int_equal(stat(w->base.where + strlen("sqlite:"), &st), 0);
    assert_int_equal(st.st_mode & 0077, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_tables_are_made_once_and_known_again),
        TEST(a_new_file_is_its_owners_alone),
        cmocka_unit_test(a_reader_makes_no_tables),
        cmocka_unit_test(a_place_that_is_none_is_named),
        cmocka_unit_test(a_password_is_never_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
