/* SPDX-License-Identifier: Apache-2.0
 *
 * What both databases promise: transactions, parts that can be taken back, failures that
 * stick, one writer at a time, readers that see one state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "own.h"

static int with_things(void **state)
{
    bring_up(state);
    struct world *w = *state;
    assert_true(
        db_run(w->db, "CREATE TABLE things (no BIGINT PRIMARY KEY, name TEXT)"));
    return 0;
}

static int64_t put(struct db *db, int64_t no, const char *name)
{
    struct db_query *q = db_ask(db, "INSERT INTO things (no, name) VALUES (?, ?)");

    db_int(q, 0, no);
    db_text(q, 1, name);
    return db_do(q);
}

static int64_t count(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT COUNT(*) FROM things");
    int64_t n = db_next(q) ? db_get_int(q, 0) : -1;

    db_done(q);
    return n;
}

/* ---- values ---------------------------------------------------------------------- */

static void values_of_every_type_come_back_as_they_went(void **state)
{
    struct world *w = *state;
    uint8_t bytes[256];
    size_t len;

    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    assert_true(db_run(w->db, w->base.folder[0] == '\0'
                                  ? "CREATE TABLE all_types (i BIGINT, r FLOAT8, t "
                                    "TEXT, b BYTEA, n BIGINT)"
                                  : "CREATE TABLE all_types (i BIGINT, r REAL, t "
                                    "TEXT, b BLOB, n BIGINT)"));
    struct db_query *q = db_ask(w->db, "INSERT INTO all_types VALUES (?, ?, ?, ?, ?)");
    db_int(q, 0, INT64_MIN);
    db_real(q, 1, 0.1);
    db_text(q, 2, "it's a \xC3\xA9 ?");
    db_blob(q, 3, bytes, sizeof bytes);
    assert_int_equal(db_do(q), 1);

    q = db_ask(w->db,
               "SELECT i, r, t, b, n, 'a ? in quotes' FROM all_types WHERE i = ?");
    db_int(q, 0, INT64_MIN);
    assert_true(db_next(q));
    assert_true(db_get_int(q, 0) == INT64_MIN);
    assert_true(db_get_real(q, 1) == 0.1);
    assert_string_equal(db_get_text(q, 2), "it's a \xC3\xA9 ?");
    assert_memory_equal(db_get_blob(q, 3, &len), bytes, sizeof bytes);
    assert_int_equal(len, sizeof bytes);
    assert_true(db_get_null(q, 4));
    assert_int_equal(db_get_int(q, 4), 0);
    assert_string_equal(db_get_text(q, 4), "");
    assert_string_equal(db_get_text(q, 5), "a ? in quotes");
    assert_false(db_next(q));
    assert_false(db_failed(w->db));
}

static void sums_counts_and_means_are_numbers(void **state)
{
    struct world *w = *state;

    put(w->db, INT64_C(4000000000000), "a");
    put(w->db, -1, "b");
    struct db_query *q =
        db_ask(w->db, "SELECT SUM(no), COUNT(*), AVG(no), MAX(no), 7, 1.5 FROM things");
    assert_true(db_next(q));
    assert_true(db_get_int(q, 0) == INT64_C(3999999999999));
    assert_int_equal(db_get_int(q, 1), 2);
    assert_true(db_get_real(q, 2) == 1999999999999.5);
    assert_true(db_get_int(q, 3) == INT64_C(4000000000000));
    assert_int_equal(db_get_int(q, 4), 7);
    assert_true(db_get_real(q, 5) == 1.5);
    db_done(q);
}

static void a_parameter_not_given_is_null_each_time(void **state)
{
    struct world *w = *state;
    static const char sql[] = "INSERT INTO things (no, name) VALUES (?, ?)";

    put(w->db, 1, "one");
    struct db_query *q = db_ask(w->db, sql);
    db_int(q, 0, 2);
    assert_int_equal(db_do(q), 1);
    q = db_ask(w->db, sql);
    db_int(q, 0, 3);
    db_text(q, 1, "three");
    assert_int_equal(db_do(q), 1);

    q = db_ask(w->db, "SELECT COUNT(*), COUNT(name) FROM things");
    assert_true(db_next(q));
    assert_int_equal(db_get_int(q, 0), 3);
    assert_int_equal(db_get_int(q, 1), 2);
    db_done(q);
}

static void a_change_says_how_many_rows_it_changed(void **state)
{
    struct world *w = *state;

    for (int64_t i = 0; i < 5; i++) {
        put(w->db, i, "x");
    }
    struct db_query *q = db_ask(w->db, "UPDATE things SET name = 'y' WHERE no >= ?");
    db_int(q, 0, 2);
    assert_int_equal(db_do(q), 3);
    q = db_ask(w->db, "UPDATE things SET name = 'y' WHERE no >= ?");
    db_int(q, 0, 99);
    assert_int_equal(db_do(q), 0);
}

/* ---- transactions ---------------------------------------------------------------- */

static void what_is_rolled_back_never_was(void **state)
{
    struct world *w = *state;

    assert_true(db_begin(w->db));
    put(w->db, 1, "one");
    db_rollback(w->db);
    assert_int_equal(count(w->db), 0);
    assert_true(db_begin(w->db));
    put(w->db, 1, "one");
    assert_true(db_commit(w->db));
    assert_int_equal(count(w->db), 1);
}

static void a_failure_sticks_until_the_transaction_is_rolled_back(void **state)
{
    struct world *w = *state;

    assert_true(db_begin(w->db));
    assert_int_equal(put(w->db, 1, "one"), 1);
    assert_int_equal(put(w->db, 1, "again"), -1);
    assert_true(db_failed(w->db));
    assert_non_null(strstr(db_why(w->db), "INSERT INTO things"));
    assert_null(strchr(db_why(w->db), '\n'));
    assert_int_equal(put(w->db, 2, "two"), -1);
    assert_int_equal(count(w->db), -1);
    assert_false(db_commit(w->db));
    db_rollback(w->db);
    assert_false(db_failed(w->db));
    assert_int_equal(count(w->db), 0);
}

static void a_part_is_taken_back_alone_and_its_failure_with_it(void **state)
{
    struct world *w = *state;

    assert_true(db_begin(w->db));
    assert_true(db_save(w->db));
    put(w->db, 1, "one");
    assert_true(db_keep(w->db));
    assert_true(db_save(w->db));
    put(w->db, 2, "two");
    assert_int_equal(put(w->db, 1, "again"), -1);
    assert_false(db_keep(w->db));
    db_take_back(w->db);
    assert_false(db_failed(w->db));
    assert_int_equal(put(w->db, 3, "three"), 1);
    assert_true(db_commit(w->db));
    assert_int_equal(count(w->db), 2);
}

static void an_outer_part_takes_back_what_an_inner_one_kept(void **state)
{
    struct world *w = *state;

    assert_true(db_begin(w->db));
    assert_true(db_save(w->db));
    assert_true(db_save(w->db));
    put(w->db, 1, "one");
    assert_true(db_keep(w->db));
    db_take_back(w->db);
    assert_true(db_commit(w->db));
    assert_int_equal(count(w->db), 0);
}

/* Else a job that comes after a failed one would be told that all is well. */
static void
a_part_that_began_after_a_failure_does_not_take_the_failure_back(void **state)
{
    struct world *w = *state;

    assert_true(db_begin(w->db));
    put(w->db, 1, "one");
    put(w->db, 1, "again");
    assert_false(db_save(w->db));
    db_take_back(w->db);
    assert_true(db_failed(w->db));
    assert_false(db_commit(w->db));
    db_rollback(w->db);
}

static void beginning_and_ending_out_of_order_fail(void **state)
{
    struct world *w = *state;

    assert_false(db_commit(w->db));
    assert_true(db_begin(w->db));
    assert_false(db_begin(w->db));
    db_rollback(w->db);
    assert_true(db_begin(w->db));
    assert_true(db_save(w->db));
    assert_false(db_commit(w->db));
    db_rollback(w->db);
    assert_false(db_save(w->db));
    db_take_back(w->db);
    assert_true(db_begin(w->db));
    assert_true(db_commit(w->db));
}

/* ---- others ---------------------------------------------------------------------- */

static void a_reader_sees_one_state_of_everything(void **state)
{
    struct world *w = *state;
    struct db *reader = base_open(&w->base, DB_READER);

    put(w->db, 1, "one");
    assert_true(db_begin(reader));
    assert_int_equal(count(reader), 1);
    put(w->db, 2, "two");
    assert_int_equal(count(reader), 1);
    assert_true(db_commit(reader));
    assert_int_equal(count(reader), 2);
    db_close(reader);
}

/* A page that shows the first rows of many must not hold the reader at that moment. */
static void rows_that_are_left_unread_end_with_the_transaction(void **state)
{
    struct world *w = *state;
    struct db *reader = base_open(&w->base, DB_READER);

    put(w->db, 1, "one");
    put(w->db, 2, "two");
    assert_true(db_begin(reader));
    struct db_query *q = db_ask(reader, "SELECT no FROM things ORDER BY no");
    assert_true(db_next(q));
    assert_true(db_commit(reader));
    assert_true(db_get_null(q, 0));
    put(w->db, 3, "three");
    assert_int_equal(count(reader), 3);
    db_close(reader);
}

static void a_reader_does_not_write_within_its_transaction(void **state)
{
    struct world *w = *state;
    struct db *reader = base_open(&w->base, DB_READER);

    assert_true(db_begin(reader));
    assert_int_equal(put(reader, 1, "one"), -1);
    assert_false(db_commit(reader));
    db_rollback(reader);
    db_close(reader);
    assert_int_equal(count(w->db), 0);
}

/* Each of two processes reads the greatest number and writes the next: were there two
 * writers at a time, two would write the same. */
static void count_up(const struct base *b, int times)
{
    struct db *db = base_open(b, DB_WRITER);

    for (int i = 0; i < times; i++) {
        assert_true(db_begin(db));
        struct db_query *q = db_ask(db, "SELECT COALESCE(MAX(no), 0) FROM things");
        int64_t most = db_next(q) ? db_get_int(q, 0) : -1;
        db_done(q);
        assert_int_equal(put(db, most + 1, "x"), 1);
        assert_true(db_commit(db));
    }
    db_close(db);
}

static void writers_of_two_processes_take_turns(void **state)
{
    struct world *w = *state;
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        count_up(&w->base, 100);
        _exit(0);
    }
    count_up(&w->base, 100);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count(w->db), 200);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, with_things, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(values_of_every_type_come_back_as_they_went),
        WITH(sums_counts_and_means_are_numbers),
        WITH(a_parameter_not_given_is_null_each_time),
        WITH(a_change_says_how_many_rows_it_changed),
        WITH(what_is_rolled_back_never_was),
        WITH(a_failure_sticks_until_the_transaction_is_rolled_back),
        WITH(a_part_is_taken_back_alone_and_its_failure_with_it),
        WITH(an_outer_part_takes_back_what_an_inner_one_kept),
        WITH(a_part_that_began_after_a_failure_does_not_take_the_failure_back),
        WITH(beginning_and_ending_out_of_order_fail),
        WITH(a_reader_sees_one_state_of_everything),
        WITH(rows_that_are_left_unread_end_with_the_transaction),
        WITH(a_reader_does_not_write_within_its_transaction),
        WITH(writers_of_two_processes_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
