/* SPDX-License-Identifier: Apache-2.0
 *
 * The log makes the same tables again, in a database of either kind; and two databases
 * that are not the same are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "carry.h"
#include "live.h"
#include "own.h"
#include "same.h"
#include "tokens.h"

/* ---- playing again --------------------------------------------------------------- */

/* Another empty database, always SQLite's: of a server's it is the other kind. */
static struct db *another(struct base *b)
{
    char why[200];

    base_bare_file(b);
    struct db *db = base_open(b, DB_WRITER);
    assert_true(schema_ready(db, why, sizeof why));
    return db;
}

static void put_away(struct base *b, struct db *db)
{
    db_close(db);
    base_remove(b);
}

static void the_log_makes_the_same_tables_again(void **state)
{
    struct world *w = *state;
    struct base b;
    struct db *into = another(&b);
    char why[200] = "";

    live(w->db);
    if (!log_replay(w->db, into, NULL, NULL, why, sizeof why)) {
        fail_msg("%s", why);
    }
    if (!same_tables(w->db, into, why, sizeof why)) {
        fail_msg("%s", why);
    }
    put_away(&b, into);
}

static void the_log_of_a_file_makes_the_same_tables_in_this_database(void **state)
{
    struct world *w = *state;
    struct base b;
    struct db *from = another(&b);
    char why[200] = "";

    live(from);
    if (!log_replay(from, w->db, NULL, NULL, why, sizeof why) ||
        !same_tables(from, w->db, why, sizeof why)) {
        fail_msg("%s", why);
    }
    put_away(&b, from);
}

static void a_log_is_played_into_an_empty_database_alone(void **state)
{
    struct world *w = *state;
    struct base b;
    struct db *into = another(&b);
    char why[200];

    live(w->db);
    live(into);
    assert_false(log_replay(w->db, into, NULL, NULL, why, sizeof why));
    assert_non_null(strstr(why, "not empty"));
    put_away(&b, into);
}

static void an_altered_log_is_not_played(void **state)
{
    struct world *w = *state;
    struct base b;
    struct db *into = another(&b);
    char why[200];

    live(w->db);
    assert_true(db_run(w->db, "UPDATE log SET at = at + 1 WHERE seq = 7"));
    assert_false(log_replay(w->db, into, NULL, NULL, why, sizeof why));
    assert_non_null(strstr(why, "event 7"));
    put_away(&b, into);
}

/* The first difference, of each table that has rows here. */
static const struct {
    const char *sql, *says;
} differences[] = {
    {"UPDATE devices SET region = 2 WHERE no = 4", "devices, row 4: column 6"},
    {"UPDATE devices SET household = id WHERE no = 4", "devices, row 4: column 8"},
    {"UPDATE states SET seen = 2 WHERE device = 4", "states, row 4: column 9"},
    {"UPDATE states SET app = 'x' WHERE device = 4", "states, row 4: column 20"},
    {"DELETE FROM reports WHERE seq = (SELECT MAX(seq) FROM reports)", "reports, row"},
    {"UPDATE security SET times = 4", "security, row 1: column 7"},
    {"UPDATE log SET actor = 'x' WHERE seq = 1", "log, row 1: column 4"},
    {"INSERT INTO offers VALUES (1, 2, 3, 4, 5, 6)", "offers"},
    {"INSERT INTO waivers VALUES (1, 2, 3, 'a', 'b')", "waivers"},
    {"INSERT INTO ticks VALUES (1, 2, 3, 4, '')", "ticks"},
    {"INSERT INTO figures VALUES (1, '', '', '')", "figures"},
    {"INSERT INTO facet_values VALUES (1, 2, 3, '')", "facet_values"},
    {"INSERT INTO exposures VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)",
     "exposures"},
};

static void two_databases_that_differ_are_told_apart_and_where(void **state)
{
    struct world *w = *state;
    struct base b;
    struct db *into = another(&b);
    char why[200];

    live(w->db);
    assert_true(log_replay(w->db, into, NULL, NULL, why, sizeof why));
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        assert_true(db_begin(into));
        if (!db_run(into, differences[i].sql)) {
            fail_msg("%s", db_why(into));
        }
        why[0] = '\0';
        assert_false(same_tables(w->db, into, why, sizeof why));
        if (strstr(why, differences[i].says) == NULL) {
            fail_msg("%s: %s", differences[i].sql, why);
        }
        db_rollback(into);
    }
    put_away(&b, into);
}

/* A table or a column that is new must not be forgotten. Counted where SQLite can. */
static void the_comparison_knows_every_table_and_column(void **state)
{
    struct base b;
    struct db *db = another(&b);
    (void)state;

    assert_int_equal(number_of(db,
                               "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'"
                               " AND name NOT IN ('meta', 'tokens')"),
                     13);
    assert_int_equal(
        number_of(db, "SELECT COUNT(*) FROM sqlite_master m, pragma_table_info(m.name)"
                      " WHERE m.type = 'table' AND m.name NOT IN ('meta', 'tokens')"),
        9 + 8 + 23 + 11 + 13 + 4 + 5 + 15 + 6 + 5 + 4 + 8 + 11);
    put_away(&b, db);
}

/* ---- what is no event ------------------------------------------------------------ */

static void tokens_and_secrets_go_along(void **state)
{
    struct world *w = *state;
    struct base b;
    struct db *into = another(&b);
    struct token_holder who;
    struct outcome o;
    char token[TOKEN_TEXT], why[200];

    assert_true(db_begin(w->db));
    token_add(w->db, "anna", TOKEN_READ, AT, "test", token, &o);
    assert_true(db_run(w->db, "INSERT INTO meta VALUES ('secret', 'abc')"));
    assert_true(db_commit(w->db));
    if (!carry_over(w->db, into, why, sizeof why)) {
        fail_msg("%s", why);
    }
    assert_true(token_check(into, token, &who));
    assert_int_equal(number_of(into, "SELECT COUNT(*) FROM meta WHERE name = 'secret'"),
                     1);
    assert_int_equal(number_of(into, "SELECT COUNT(*) FROM meta"), 2);
    put_away(&b, into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_log_makes_the_same_tables_again),
        TEST(the_log_of_a_file_makes_the_same_tables_in_this_database),
        TEST(a_log_is_played_into_an_empty_database_alone),
        TEST(an_altered_log_is_not_played),
        TEST(two_databases_that_differ_are_told_apart_and_where),
        TEST(the_comparison_knows_every_table_and_column),
        TEST(tokens_and_secrets_go_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
