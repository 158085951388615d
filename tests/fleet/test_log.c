/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: what is in it, that nobody alters it unnoticed, and that a killed writer loses
 * nothing it said it had. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "live.h"
#include "own.h"

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

/* Numbers that were told, up to `most`; the last one, 0 if there was none. */
static int64_t hear(int from, int most)
{
    int64_t seq = 0, last = 0;

    for (int n = 0; n < most && read(from, &seq, sizeof seq) == sizeof seq; n++) {
        last = seq;
    }
    return last;
}

/* Killed while it writes, some events after its start. Returns the last one it told. */
static int64_t write_and_kill(const struct base *b, int events)
{
    int pipes[2], status;

    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipes[0]);
        write_until_killed(b, pipes[1]);
    }
    close(pipes[1]);
    int64_t told = hear(pipes[0], events);
    assert_true(told > 0);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    int64_t more = hear(pipes[0], INT32_MAX);
    close(pipes[0]);
    return more > 0 ? more : told;
}

static void a_killed_writer_loses_nothing_that_it_said_it_had(void **state)
{
    struct world *w = *state;
    int64_t rows;
    char why[200];

    tell_devices(w->db, 9);
    for (int round = 1; round <= 12; round++) {
        int64_t told = write_and_kill(&w->base, round);
        assert_true(db_begin(w->db)); /* behind whatever a server's side still ends */
        if (!check(w->db, &rows, why)) {
            fail_msg("%s", why);
        }
        assert_true(rows >= told);
        assert_true(rows > round);
        assert_int_equal(number_of(w->db, "SELECT COUNT(*) FROM reports"), rows - 1);
        assert_true(db_commit(w->db));
    }
}

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
        TEST(a_killed_writer_loses_nothing_that_it_said_it_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
