/* SPDX-License-Identifier: Apache-2.0
 *
 * The hourly look over whole rollouts: a release that kills one hardware revision three
 * days after its install is frozen, for the right revision and with the right numbers; a
 * sound one is not; and the log played again decides the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exposure.h"
#include "same.h"
#include "world.h"

#define UNITS 800U             /* at most */
#define UNITS_ON_A_SERVER 240U /* which is asked some ten things by each contact */
#define EVERY_H 8              /* a unit's phone comes by so often */
#define BEFORE_H 40            /* before the rollout opens: enough to know its gaps */
#define DEADLY_H 72

enum fault { SOUND, DEADLY, CRASHES };

/* A rollout of 2.0.0, and what it does to units of revision 3. */
struct trial {
    struct world *w;
    unsigned len; /* units */
    int64_t no;
    enum fault fault;
    int32_t opened;
    int32_t heard[UNITS], installed[UNITS]; /* hours, -1: never */
};

static void comes_by(struct trial *t, unsigned i)
{
    struct world_unit *u = &t->w->unit[i];
    int32_t now = world_hour(t->w);
    bool ill = t->fault != SOUND && t->installed[i] >= 0 && u->says.hw_rev == 3 &&
               now - t->installed[i] >= DEADLY_H;

    u->dead = ill && t->fault == DEADLY;
    if (u->dead) {
        return;
    }
    u->says.resets += ill;
    world_hear(t->w, u);
    t->heard[i] = now;
    if (t->no != 0 && t->installed[i] < 0 &&
        strncmp(world_decision(t->w, u), "offer", 5) == 0) {
        u->says.version = V(2, 0, 0);
        t->installed[i] = now;
    }
}

/* An hour of the fleet's life; true: it was frozen at its end. */
static bool hour(struct trial *t)
{
    int32_t now = world_hour(t->w);

    for (unsigned i = 0; i < t->len; i++) {
        if ((now + (int32_t)(i / 4)) % EVERY_H == 0) {
            comes_by(t, i);
        }
    }
    return world_tick(t->w);
}

/* Hours until it is frozen; -1: it is not, within so many. */
static int run(struct trial *t, int hours)
{
    int frozen = -1;

    world_begin(t->w);
    for (int h = 0; h < hours && frozen < 0; h++) {
        frozen = hour(t) ? h : -1;
    }
    world_end(t->w);
    return frozen;
}

static bool on_a_server(void)
{
    return getenv("FERRY_FLEET_PG") != NULL;
}

static struct trial *new_trial(enum fault fault)
{
    struct trial *t = calloc(1, sizeof *t);

    assert_non_null(t);
    t->fault = fault;
    t->len = on_a_server() ? UNITS_ON_A_SERVER : UNITS;
    t->w = world_of(t->len);
    memset(t->heard, 0xFF, sizeof t->heard);
    memset(t->installed, 0xFF, sizeof t->installed);
    run(t, BEFORE_H);
    t->opened = world_hour(t->w);
    t->no = world_rollout(t->w, "2.0.0", HALVES);
    return t;
}

static void end(struct trial *t)
{
    world_free(t->w);
    free(t);
}

static json_t *frozen(struct trial *t)
{
    struct db_query *q = db_ask(t->w->db, "SELECT frozen FROM rollouts WHERE no = ?");

    db_int(q, 0, t->no);
    assert_true(db_next(q));
    json_t *why = json_loads(db_get_text(q, 0), 0, NULL);
    db_done(q);
    assert_non_null(why);
    return why;
}

static double real_of(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

/* What the phones know of revision 3 in one arm, at an hour: how many there are, how many
 * have been silent for longer than is usual with them, and how many are as old as the
 * horizon. */
struct known {
    int n, silent, aged;
};

static struct known known_of(const struct trial *t, bool treated, int32_t now)
{
    struct known k = {0, 0, 0};

    for (unsigned i = 2; i < t->len; i += 4) {
        if ((t->installed[i] >= 0) == treated) {
            k.n++;
            k.silent += now - t->heard[i] > HEALTH_SILENCE_MIN_H;
            k.aged += treated && t->installed[i] <= now - HEALTH_HORIZON_H;
        }
    }
    return k;
}

/* ---- freezing -------------------------------------------------------------------- */

static void a_revision_that_dies_after_three_days_is_frozen_by_its_numbers(void **state)
{
    struct trial *t = new_trial(DEADLY);
    (void)state;

    int at = run(t, 130);
    assert_in_range(at, DEADLY_H, DEADLY_H + HEALTH_SILENCE_MIN_H);
    json_t *why = frozen(t);
    assert_int_equal(json_integer_value(json_object_get(why, "hour")), at);
    assert_string_equal(json_string_value(json_object_get(why, "by")), "ferryd");
    const json_t *blamed = json_object_get(why, "blamed");
    assert_int_equal(json_array_size(blamed), 1);
    const json_t *one = json_array_get(blamed, 0);
    assert_string_equal(json_string_value(json_object_get(one, "facet")), "hw_rev");
    assert_string_equal(json_string_value(json_object_get(one, "name")), "3");
    assert_string_equal(json_string_value(json_object_get(one, "shown")), "speaking");
    const json_t *speaking = json_object_get(one, "speaking");
    struct known of_t = known_of(t, true, t->opened + at);
    struct known of_c = known_of(t, false, t->opened + at);
    double p_t = 1 - (double)of_t.silent / of_t.n;
    assert_true(of_t.silent > 0 && of_c.silent == 0);
    assert_int_equal(of_t.n + of_c.n, t->len / 4);
    assert_int_equal(real_of(speaking, "n_t"), of_t.n);
    assert_int_equal(real_of(speaking, "n_c"), of_c.n);
    assert_true(fabs(real_of(speaking, "p_t") - p_t) < 1e-12);
    assert_true(real_of(speaking, "p_c") == 1);
    assert_true(fabs(real_of(speaking, "rs") - p_t) < 1e-12);
    assert_true(real_of(speaking, "low") < p_t && p_t < real_of(speaking, "high"));
    assert_int_equal(real_of(json_object_get(one, "survival"), "n_t"), of_t.aged);
    json_decref(why);
    end(t);
}

static void a_sound_release_is_not_frozen(void **state)
{
    struct trial *t = new_trial(SOUND);
    (void)state;

    assert_int_equal(run(t, 130), -1);
    end(t);
}

static void crashes_freeze_though_everybody_is_heard(void **state)
{
    struct trial *t = new_trial(CRASHES);
    (void)state;

    int at = run(t, 130);
    assert_in_range(at, DEADLY_H, DEADLY_H + 2 * EVERY_H);
    json_t *why = frozen(t);
    const json_t *tests = json_object_get(why, "tests");
    assert_int_equal(json_array_size(tests), 1);
    assert_string_equal(json_string_value(json_array_get(tests, 0)), "resets");
    const json_t *one = json_array_get(json_object_get(why, "blamed"), 0);
    assert_string_equal(json_string_value(json_object_get(one, "name")), "3");
    assert_string_equal(json_string_value(json_object_get(one, "shown")), "steady");
    assert_true(real_of(json_object_get(one, "steady"), "rs") < 1);
    assert_true(real_of(json_object_get(one, "active"), "rs") == 1);
    json_decref(why);
    end(t);
}

/* ---- afterwards ------------------------------------------------------------------ */

static void
a_frozen_rollout_is_watched_on_and_not_frozen_again_for_the_same(void **state)
{
    struct trial *t = new_trial(DEADLY);
    (void)state;

    int at = run(t, 130);
    assert_true(at > 0);
    assert_int_equal(run(t, 5), -1);
    static const char looks[] = "SELECT COUNT(*) FROM ticks WHERE rollout = ?";
    assert_int_equal(world_number(t->w, looks, t->no), at + 6);
    world_must(t->w, t->no, "resume");
    assert_int_equal(run(t, 5), -1);
    struct rollout_row r;
    struct rollout_wait wait; /* but to advance takes force */
    assert_true(rollout_load(t->w->db, t->no, &r));
    assert_true(rollout_waits(t->w->db, &r, world_hour(t->w), &wait));
    assert_int_equal(wait.gate, ROLLOUT_ALARMED);
    assert_string_equal(wait.of[wait.waits_for].name, "3");
    static const char alarms[] =
        "SELECT COUNT(*) FROM ticks WHERE alarm = 1 AND rollout = ?";
    assert_int_equal(world_number(t->w, alarms, t->no), 6);
    world_must(t->w, t->no, "cancel");
    run(t, 1);
    assert_int_equal(world_number(t->w, looks, t->no), at + 12);
    end(t);
}

static void an_hour_is_looked_at_once_and_only_when_it_is_over(void **state)
{
    struct trial *t = new_trial(SOUND);
    static const char looks[] = "SELECT COUNT(*) FROM ticks WHERE rollout = ?";
    (void)state;

    run(t, 1);
    assert_int_equal(world_number(t->w, looks, t->no), 1);
    assert_int_equal(world_look(t->w, world_hour(t->w) - 1), 200);
    assert_int_equal(world_number(t->w, looks, t->no), 1);
    assert_int_equal(world_look(t->w, world_hour(t->w)), 409);
    assert_int_equal(world_tell(t->w, EVENT_TICK, "ferryd", 0, "{}", 2).status, 422);
    end(t);
}

/* Text or bytes of the one row that a query gives, as hexadecimal digits. */
static void row_of(struct trial *t, const char *sql, char to[40000])
{
    struct db_query *q = db_ask(t->w->db, sql);
    size_t len;

    assert_true(db_next(q));
    const uint8_t *bytes = db_get_blob(q, 0, &len);
    for (size_t i = 0; i < len && i < 19000; i++) {
        snprintf(to + 2 * i, 3, "%02x", bytes[i]);
    }
    db_done(q);
}

/* The server stood still for some hours: it looks at each of them when it is back. */
static void hours_that_were_missed_are_caught_up_one_by_one(void **state)
{
    static char a[40000], b[40000];
    struct trial *each = new_trial(DEADLY), *late = new_trial(DEADLY);
    (void)state;

    run(each, DEADLY_H + 10);
    run(late, DEADLY_H + 10);
    bool froze = false;
    for (int h = 0; h < 40; h++) {
        froze |= world_tick(each->w);
    }
    late->w->now += 39 * 3600;
    assert_true(world_tick(late->w) == froze);
    row_of(each, "SELECT health FROM rollouts", a);
    row_of(late, "SELECT health FROM rollouts", b);
    assert_string_equal(a, b);
    static const char looks[] = "SELECT COUNT(*) FROM ticks WHERE rollout = ?";
    static const char silent[] =
        "SELECT SUM(silent * device) FROM exposures WHERE rollout = ?";
    assert_int_equal(world_number(each->w, looks, 1), world_number(late->w, looks, 1));
    assert_int_equal(world_number(each->w, silent, 1),
                     world_number(late->w, silent, 1));
    assert_true(world_number(each->w, silent, 1) > 0);
    end(each);
    end(late);
}

/* ---- again ----------------------------------------------------------------------- */

/* SQLite's log into SQLite; where the tests run on PostgreSQL, that one's into SQLite. */
static void the_log_played_again_decides_the_same(void **state)
{
    struct trial *t = new_trial(DEADLY);
    struct base other;
    char why[200];
    (void)state;

    assert_true(run(t, 130) > 0);
    world_must(t->w, t->no, "resume");
    run(t, 3);
    base_bare_file(&other);
    struct db *into = base_open(&other, DB_WRITER);
    if (!schema_ready(into, why, sizeof why) ||
        !log_replay(t->w->db, into, NULL, NULL, why, sizeof why) ||
        !same_tables(t->w->db, into, why, sizeof why)) {
        fail_msg("%s", why);
    }
    assert_int_equal(number_of(into, "SELECT COUNT(*) FROM exposures"), t->len);
    db_close(into);
    base_remove(&other);
    end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_revision_that_dies_after_three_days_is_frozen_by_its_numbers),
        cmocka_unit_test(the_log_played_again_decides_the_same),
        cmocka_unit_test(a_sound_release_is_not_frozen),
        cmocka_unit_test(crashes_freeze_though_everybody_is_heard),
        cmocka_unit_test(
            a_frozen_rollout_is_watched_on_and_not_frozen_again_for_the_same),
        cmocka_unit_test(an_hour_is_looked_at_once_and_only_when_it_is_over),
        cmocka_unit_test(hours_that_were_missed_are_caught_up_one_by_one),
    };
    /* Does a server decide as SQLite does? One world at a time lives on it. */
    const struct CMUnitTest few[] = {tests[0], tests[1]};

    return on_a_server() ? cmocka_run_group_tests(few, NULL, NULL)
                         : cmocka_run_group_tests(tests, NULL, NULL);
}
