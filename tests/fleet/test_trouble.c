/* SPDX-License-Identifier: Apache-2.0
 *
 * What databases do to us: connections that break, disks that are full, writers that do
 * not get their turn. The transaction is over; the next one is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "tell.h"

static bool is_server(const struct world *w)
{
    return w->base.folder[0] == '\0';
}

/* ---- a server -------------------------------------------------------------------- */

/* Ends all connections to it but the one it is asked over. */
static void break_others(const struct world *w)
{
    struct db *db = base_open(&w->base, DB_READER);

    assert_true(number_of(db, "SELECT COUNT(pg_terminate_backend(pid)) FROM"
                              " pg_stat_activity WHERE pid <> pg_backend_pid()"
                              " AND backend_type = 'client backend'") > 0);
    db_close(db);
}

static void a_lost_connection_is_made_again_by_the_next_transaction(void **state)
{
    struct world *w = *state;

    if (!is_server(w)) {
        skip();
    }
    tell_devices(w->db, 3);
    break_others(w);
    tell_devices(w->db, 5); /* begins, and prepares everything again */
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM devices"), 5);
}

static void what_was_begun_on_a_lost_connection_is_lost_and_said_to_be(void **state)
{
    struct world *w = *state;
    struct event e = {EVENT_SECURITY, AT, "", "", 0, "{\"kind\": \"forged\"}", 18};
    struct outcome o;

    if (!is_server(w)) {
        skip();
    }
    assert_true(db_begin(w->db));
    event_apply(w->db, &e, &o);
    assert_int_equal(o.status, 200);
    break_others(w);
    event_apply(w->db, &e, &o);
    assert_int_equal(o.status, 500);
    assert_true(db_failed(w->db));
    assert_false(db_commit(w->db));
    db_rollback(w->db);

    assert_true(db_begin(w->db));
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM log"), 0);
    assert_true(db_commit(w->db));
}

/* Not even when the server has been told to be quick. */
static void a_server_that_does_not_wait_for_the_disk_is_made_to(void **state)
{
    struct world *w = *state;

    if (!is_server(w)) {
        skip();
    }
    assert_true(db_run(w->db, "ALTER DATABASE postgres SET synchronous_commit = off"));
    struct db *db = base_open(&w->base, DB_WRITER);
    assert_int_equal(number_of(db, "SELECT COUNT(*) FROM pg_settings WHERE name ="
                                   " 'synchronous_commit' AND setting = 'on'"),
                     1);
    db_close(db);
    assert_true(db_run(w->db, "ALTER DATABASE postgres RESET synchronous_commit"));
}

/* ---- a file ---------------------------------------------------------------------- */

static void a_full_disk_ends_the_transaction_and_nothing_else(void **state)
{
    struct world *w = *state;
    static char body[3000000];
    struct event e = {EVENT_SECURITY, AT, "", "", 0, body, 0};
    struct outcome o;

    if (is_server(w)) {
        skip();
    }
    tell_devices(w->db, 3);
    e.len = (size_t)snprintf(body, sizeof body,
                             "{\"kind\": \"forged\", \"text\": \"%*s\"}", 2900000, "x");
    assert_true(db_run(w->db, "PRAGMA max_page_count = 100"));
    assert_true(db_begin(w->db));
    event_apply(w->db, &e, &o);
    assert_int_equal(o.status, 500);
    assert_non_null(strstr(o.why, "full"));
    db_rollback(w->db);

    assert_true(db_run(w->db, "PRAGMA max_page_count = 100000"));
    tell(w->db, EVENT_SECURITY, "{\"kind\": \"forged\"}");
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM log"), 2);
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM devices"), 3);
}

/* ---- either ---------------------------------------------------------------------- */

static void a_job_that_fails_takes_none_of_its_group_along(void **state)
{
    struct world *w = *state;
    static const char *const bodies[] = {
        "{\"kind\": \"forged\"}", "{\"kind\": \"odd\"}", "{\"kind\": \"malformed\"}"};
    struct outcome o;

    assert_true(db_begin(w->db));
    for (unsigned i = 0; i < 3; i++) {
        struct event e = {EVENT_SECURITY, AT, "", "", 0, bodies[i], strlen(bodies[i])};
        assert_true(db_save(w->db));
        event_apply(w->db, &e, &o);
        assert_int_equal(o.status, i == 1 ? 422 : 200);
        if (i == 1) { /* and a failure of the database's own */
            assert_false(db_run(w->db, "INSERT INTO nowhere VALUES (1)"));
            assert_false(db_keep(w->db));
            db_take_back(w->db);
        } else {
            assert_true(db_keep(w->db));
        }
    }
    assert_true(db_commit(w->db));
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM security"), 2);
    assert_int_equal(number_of(w->db, "SELECT MAX(seq) FROM log"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_lost_connection_is_made_again_by_the_next_transaction),
        TEST(what_was_begun_on_a_lost_connection_is_lost_and_said_to_be),
        TEST(a_server_that_does_not_wait_for_the_disk_is_made_to),
        TEST(a_full_disk_ends_the_transaction_and_nothing_else),
        TEST(a_job_that_fails_takes_none_of_its_group_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
