/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: what is in it, that nobody alters it unnoticed, that it makes the same tables
 * again in either database, and that a killed writer loses nothing it said it had. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "same.h"
#include "tell.h"

#define REPORT                                                                         \
    "{\"app\": \"3.1.0\", \"device\": \"0000000000000000000000000000000%d\","          \
    " \"rollout\": 0, \"outcome\": \"done\", \"code\": 0, \"bytes\": 4096,"            \
    " \"resumes\": 1, \"seconds\": 7}"
#define SEEN "{\"kind\": \"forged\", \"times\": 3}"

struct world {
    struct base base;
    struct db *db;
};

static int bring_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->db = base_new(&w->base);
    *state = w;
    return 0;
}

static int take_down(void **state)
{
    struct world *w = *state;

    db_close(w->db);
    base_remove(&w->base);
    free(w);
    return 0;
}

static void report(struct db *db, int device)
{
    char body[300];

    snprintf(body, sizeof body, REPORT, device);
    struct outcome o = tell_about(db, EVENT_REPORT, device, body);
    assert_int_equal(o.status, 201);
}

/* A little of everything that needs no signatures. */
static void live(struct db *db)
{
    tell_devices(db, 9);
    for (int i = 1; i <= 9; i++) {
        report(db, i);
        report(db, 3);
    }
    tell(db, EVENT_SECURITY, SEEN);
    tell(db, EVENT_TOKEN,
         "{\"name\": \"anna\", \"scopes\": \"read\", \"revoked\": false}");
}

static bool check(struct db *db, int64_t *rows, char why[200])
{
    uint8_t head[LOG_HASH_LEN];

    return log_check(db, rows, head, why, 200);
}

/* ---- rows ------------------------------------------------------------------------ */

static void events_are_numbered_without_a_gap(void **state)
{
    struct world *w = *state;
    int64_t rows;
    char why[200];

    live(w->db);
    assert_true(check(w->db, &rows, why));
    assert_int_equal(rows, 21);
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM log"), 21);
}

static void a_refused_event_leaves_nothing_behind(void **state)
{
    struct world *w = *state;
    int64_t rows;
    char why[200];

    live(w->db);
    refused(w->db, EVENT_REPORT, "{\"app\": 7}", 422, "/device", "missing");
    refused(w->db, EVENT_SECURITY, "[", 400, "", "no JSON");
    tell(w->db, EVENT_SECURITY, SEEN);
    assert_true(check(w->db, &rows, why));
    assert_int_equal(rows, 22);
}

static void a_devices_events_are_linked_from_its_newest_to_its_first(void **state)
{
    struct world *w = *state;
    int64_t seq;
    int links = 0;

    live(w->db);
    seq = number_of(w->db, "SELECT newest FROM states WHERE device = 3");
    for (; seq != 0; links++) {
        struct db_query *q =
            db_ask(w->db, "SELECT device, before FROM log WHERE seq = ?");
        db_int(q, 0, seq);
        assert_true(db_next(q));
        assert_int_equal(db_get_int(q, 0), 3);
        assert_true(db_get_int(q, 1) < seq);
        seq = db_get_int(q, 1);
        db_done(q);
    }
    assert_int_equal(links, 10);
}

static void a_report_keeps_its_relay(void **state)
{
    struct world *w = *state;

    live(w->db);
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM log WHERE relay = "
                                      "'192.0.2.7' AND kind = 8"),
                     18);
    assert_int_equal(
        number_of(w->db, "SELECT COUNT(*) FROM reports WHERE relay = '192.0.2.7'"), 18);
}

static void what_the_database_refuses_is_the_servers_fault(void **state)
{
    struct world *w = *state;
    struct event e = {EVENT_SECURITY, AT, "test", "", 0, SEEN, strlen(SEEN)};
    struct outcome o;

    assert_true(db_run(w->db, "DROP TABLE security"));
    assert_true(db_begin(w->db));
    event_apply(w->db, &e, &o);
    assert_int_equal(o.status, 500);
    assert_non_null(strstr(o.why, "security"));
    assert_false(db_failed(w->db)); /* the next job of the group goes on */
    db_rollback(w->db);
}

/* ---- the chain ------------------------------------------------------------------- */

/* What somebody with access to the file might do, and what the check says. */
static const struct {
    const char *sql, *says;
} tampering[] = {
    {"UPDATE log SET actor = 'bob' WHERE seq = 7", "event 7 was altered"},
    {"UPDATE log SET at = at + 1 WHERE seq = 7", "event 7 was altered"},
    {"UPDATE log SET relay = '' WHERE seq = 7", "event 7 was altered"},
    {"UPDATE log SET device = 2 WHERE seq = 7", "event 7 was altered"},
    {"UPDATE log SET before = 0 WHERE seq = 7", "event 7 was altered"},
    {"UPDATE log SET kind = 9 WHERE seq = 7", "event 7 was altered"},
    {"UPDATE log SET hash = (SELECT hash FROM log WHERE seq = 6) WHERE seq = 7",
     "event 7 was altered"},
    {"UPDATE log SET body = (SELECT body FROM log WHERE seq = 8) WHERE seq = 7",
     "event 7 was altered"},
    {"DELETE FROM log WHERE seq = 7", "event 7 is missing"},
    {"DELETE FROM log WHERE seq = 1", "event 1 is missing"},
    {"DELETE FROM log WHERE seq >= 19", "is missing"},
};

static void whatever_is_altered_in_the_log_is_named(void **state)
{
    struct world *w = *state;
    int64_t rows;
    char why[200];

    live(w->db);
    for (size_t i = 0; i < sizeof tampering / sizeof tampering[0]; i++) {
        assert_true(db_begin(w->db));
        assert_true(db_run(w->db, tampering[i].sql));
        assert_false(check(w->db, &rows, why));
        if (strstr(why, tampering[i].says) == NULL) {
            fail_msg("%s: %s", tampering[i].sql, why);
        }
        db_rollback(w->db);
    }
    assert_true(check(w->db, &rows, why));
}

/* One text could otherwise move into the next without the hash changing. */
static void texts_of_a_row_are_kept_apart(void **state)
{
    struct world *w = *state;
    int64_t rows;
    char why[200];

    live(w->db);
    assert_true(db_begin(w->db));
    assert_true(db_run(w->db, "UPDATE log SET actor = 'tes', relay = 't192.0.2.7'"
                              " WHERE seq = 7"));
    assert_false(check(w->db, &rows, why));
    db_rollback(w->db);
}

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
                     12);
    assert_int_equal(
        number_of(db, "SELECT COUNT(*) FROM sqlite_master m, pragma_table_info(m.name)"
                      " WHERE m.type = 'table' AND m.name NOT IN ('meta', 'tokens')"),
        9 + 8 + 23 + 11 + 13 + 4 + 5 + 15 + 6 + 5 + 8 + 11);
    put_away(&b, db);
}

/* ---- kill -9 --------------------------------------------------------------------- */

/* Writes events as fast as it can, each committed before its number is told. */
static void write_until_killed(const struct base *b, int tell_to)
{
    struct db *db = base_open(b, DB_WRITER);

    for (int64_t n = 0;; n++) {
        report(db, 1 + (int)(n % 9));
        int64_t seq = number_of(db, "SELECT MAX(seq) FROM log");
        if (write(tell_to, &seq, sizeof seq) != sizeof seq) {
            _exit(1);
        }
    }
}

static int64_t last_told(int from)
{
    int64_t seq = 0, last = 0;

    while (read(from, &seq, sizeof seq) == sizeof seq) {
        last = seq;
    }
    return last;
}

static void a_killed_writer_loses_nothing_that_it_said_it_had(void **state)
{
    struct world *w = *state;
    int64_t rows, told = 0;
    char why[200];

    tell_devices(w->db, 9);
    for (long round = 1; round <= 12; round++) {
        int pipes[2], status;
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(pipes[0]);
            write_until_killed(&w->base, pipes[1]);
        }
        close(pipes[1]);
        struct timespec pause = {0, 7000000 * round};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        int64_t last = last_told(pipes[0]);
        close(pipes[0]);
        told = last > 0 ? last : told;
        if (!check(w->db, &rows, why)) {
            fail_msg("%s", why);
        }
        assert_true(rows >= told);
    }
    assert_true(told > 20);
    assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM reports"), rows - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bring_up, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_are_numbered_without_a_gap),
        TEST(a_refused_event_leaves_nothing_behind),
        TEST(a_devices_events_are_linked_from_its_newest_to_its_first),
        TEST(a_report_keeps_its_relay),
        TEST(what_the_database_refuses_is_the_servers_fault),
        TEST(whatever_is_altered_in_the_log_is_named),
        TEST(texts_of_a_row_are_kept_apart),
        TEST(the_log_makes_the_same_tables_again),
        TEST(the_log_of_a_file_makes_the_same_tables_in_this_database),
        TEST(a_log_is_played_into_an_empty_database_alone),
        TEST(an_altered_log_is_not_played),
        TEST(two_databases_that_differ_are_told_apart_and_where),
        TEST(the_comparison_knows_every_table_and_column),
        TEST(a_killed_writer_loses_nothing_that_it_said_it_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
