/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the hourly look takes: rollouts of so many exposed units in SQLite, looked at
 * for some hours in a row, in which units are heard, fall silent, and crash. Knows how to
 * fill the tables; what a look may take (1 s) is the promise it is held to.
 *
 * usage: bench_tick [UNITS...] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "event.h"
#include "exposure.h"
#include "rollout_json.h"
#include "schema.h"

#define NOW_H 500000
#define LOOKS 5
#define MAY_TAKE_S 1.0

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_tick: %s: %s\n", what, why);
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- a rollout ------------------------------------------------------------------- */

static void insert_rollout(struct db *db)
{
    static const char body[] =
        "{\"class\": \"c1a55000000000000000000000000001\", \"version\": \"2.0.0\","
        " \"salt\": \"5a175a175a175a175a175a175a175a17\"}";
    static const uint8_t zero[16];
    struct db_query *q = db_ask(
        db,
        "INSERT INTO rollouts (no, class, version, state, stage, since, opened,"
        " salt, supersedes, body, ticked) VALUES (1, ?, 1, 1, 0, ?, ?, ?, 0, ?, ?)");

    db_blob(q, 0, zero, sizeof zero);
    db_int(q, 1, NOW_H - 100);
    db_int(q, 2, NOW_H - 100);
    db_blob(q, 3, zero, sizeof zero);
    db_text(q, 4, body);
    db_int(q, 5, NOW_H - 1);
    db_do(q);
}

static void insert_unit(struct db *db, int64_t no, uint32_t dice)
{
    struct db_query *q = db_ask(
        db, "INSERT INTO exposures (rollout, device, treated, known, facets, silence,"
            " began, seen, told, base, version, quit, silent, reset, reset_counted)"
            " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1, -1, -1, ?, 0)");
    uint32_t began = NOW_H - 1 - dice % 99, heard = dice / 128 % (NOW_H - began);

    db_int(q, 0, no);
    db_int(q, 1, dice >> 30 & 1);
    db_int(q, 2, dice % 10 != 0);
    db_int(q, 3,
           (int64_t)(dice / 3 % 4) | (int64_t)(dice / 12 % 12) << 8 |
               (int64_t)(dice / 150 % 4) << 16 | (int64_t)(dice / 600 % 5) << 24);
    db_int(q, 4, 12 + dice / 4096 % 325);
    db_int(q, 5, began);
    db_int(q, 6, NOW_H - 1 - heard);
    db_int(q, 7, NOW_H - 1 - heard);
    db_int(q, 8, dice % 700 == 0);
    db_do(q);
}

static void insert_values(struct db *db)
{
    static const int values[HEALTH_FACETS] = {4, 12, 4, 5};
    struct db_query *q = db_ask(
        db,
        "INSERT INTO facet_values (rollout, facet, value, name) VALUES (1, ?, ?, ?)");
    char name[24];

    for (int f = 0; f < (int)HEALTH_FACETS; f++) {
        for (int v = 0; v < values[f]; v++) {
            snprintf(name, sizeof name, "%d", v);
            db_int(q, 0, f);
            db_int(q, 1, v);
            db_text(q, 2, name);
            db_do(q);
        }
    }
}

static void fill(struct db *db, long units)
{
    uint32_t dice = 1;

    db_begin(db);
    insert_rollout(db);
    insert_values(db);
    for (long i = 1; i <= units; i++) {
        dice = dice * 1664525U + 1013904223U;
        insert_unit(db, i, dice);
    }
    if (!db_commit(db)) {
        fail("filling", db_why(db));
    }
}

/* ---- looks ----------------------------------------------------------------------- */

/* One in twenty-four is heard in this hour: every unit once a day. */
static void hear_some(struct db *db, int hour)
{
    struct db_query *q = db_ask(
        db,
        "UPDATE exposures SET seen = ?, told = ? WHERE rollout = 1 AND device % 24 ="
        " ?");

    db_begin(db);
    db_int(q, 0, hour);
    db_int(q, 1, hour);
    db_int(q, 2, hour % 24);
    db_do(q);
    if (!db_commit(db)) {
        fail("hearing", db_why(db));
    }
}

static void look(struct db *db, int hour)
{
    char body[40];
    size_t len = (size_t)snprintf(body, sizeof body, "{\"hour\": %d}", hour);
    struct event e = {EVENT_TICK, (int64_t)(hour + 1) * 3600, "ferryd", "", 0, body,
                      len};
    struct outcome o;

    db_begin(db);
    event_apply(db, &e, &o);
    json_decref(o.answer);
    if (o.status != 200 || !db_commit(db)) {
        fail("a look", o.status != 200 ? o.why : db_why(db));
    }
}

static void measure(struct db *db, long units)
{
    double most = 0, most_cpu = 0;
    struct rusage use;

    for (int hour = NOW_H; hour < NOW_H + LOOKS; hour++) {
        hear_some(db, hour);
        double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        look(db, hour);
        cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        wall = seconds(CLOCK_MONOTONIC) - wall;
        most = wall > most ? wall : most;
        most_cpu = cpu > most_cpu ? cpu : most_cpu;
    }
    getrusage(RUSAGE_SELF, &use);
    printf("%9ld units: the slowest of %d looks %.3f s, %.3f s of the processor;"
           " %.1f times as fast as it must be; %ld MB\n",
           units, LOOKS, most, most_cpu, MAY_TAKE_S / most, use.ru_maxrss / 1024);
}

static void bench(long units)
{
    char folder[] = "/tmp/ferry-tick-XXXXXX", where[80], path[80], why[DB_WHY_MAX];

    if (mkdtemp(folder) == NULL) {
        fail(folder, "cannot be made");
    }
    snprintf(where, sizeof where, "sqlite:%s/fleet.db", folder);
    struct db *db = db_open(where, DB_WRITER, why, sizeof why);
    if (db == NULL || !schema_ready(db, why, sizeof why)) {
        fail(where, why);
    }
    fill(db, units);
    measure(db, units);
    db_close(db);
    for (unsigned i = 0; i < 3; i++) {
        static const char *const ends[] = {"", "-wal", "-shm"};
        snprintf(path, sizeof path, "%s/fleet.db%s", folder, ends[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *end;
        long units = strtol(argv[i], &end, 10);
        if (*end != '\0' || units < 1 || units > 10000000) {
            fail(argv[i], "it is no number of units");
        }
        bench(units);
    }
    if (argc == 1) {
        bench(40000);
        bench(1000000);
    }
    return 0;
}
